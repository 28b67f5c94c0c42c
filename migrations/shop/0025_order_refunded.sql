-- An order may be given back after the sale: its money is refunded (voided, where it was only set aside), its copies are
-- taken in again. refunded: what is owed back or given back of an attempt, never more than it took.
alter table orders
    modify column state enum('awaiting_payment', 'paid', 'expired', 'cancelled', 'declined', 'in_doubt', 'refunded') not null;
alter table payment_attempt
    modify column state enum('creating', 'open', 'authorised', 'captured', 'closed', 'voided', 'capture_failed') not null default 'creating',
    add column refunded bigint not null default 0 after amount,
    add constraint payment_attempt_refunded check (refunded between 0 and amount);
