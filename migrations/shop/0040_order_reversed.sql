-- A sale whose money never came is taken back: the bank refused to pay out what it had set aside, and no other payment
-- made up for it in time. Nothing was taken, so nothing is refunded.
alter table orders
    modify column state enum('awaiting_payment', 'paid', 'expired', 'cancelled', 'declined', 'in_doubt', 'refunded', 'reversed') not null;
