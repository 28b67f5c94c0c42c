-- Which account a shopper belongs to: its own one, and the guests that its owner has been. A guest who never signed in is
-- no row, only an id in a session, in a basket and in orders.
delete from shopper where customer_id is null;
alter table shopper modify customer_id binary(16) not null;
