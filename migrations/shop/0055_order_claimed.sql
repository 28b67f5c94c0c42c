-- The account that has claimed an order which a guest made with its proved address. The guest's shopper stays nobody's:
-- what else lies in that browser's basket is not the address owner's.
alter table orders
    add column claimed_by binary(16) null after shopper_id,
    add key orders_by_claimant (claimed_by),
    add key orders_by_email (email);
