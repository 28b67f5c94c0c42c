-- Money that is found for an order in doubt brings it back to where it was, if its copies can be held anew; it is sold
-- from there.
insert into order_transition (from_state, to_state) values ('in_doubt', 'awaiting_payment');
delete from order_transition where from_state = 'in_doubt' and to_state = 'paid';
