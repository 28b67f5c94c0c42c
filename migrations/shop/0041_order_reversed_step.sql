insert into order_transition (from_state, to_state) values ('paid', 'reversed');
