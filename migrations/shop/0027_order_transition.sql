-- The steps that an order can take: the database itself refuses to write down any other.
create table order_transition (
    from_state varchar(20) character set ascii collate ascii_bin not null,
    to_state   varchar(20) character set ascii collate ascii_bin not null,
    primary key (from_state, to_state)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
insert into order_transition (from_state, to_state) values
    ('', 'awaiting_payment'),
    ('awaiting_payment', 'paid'),
    ('awaiting_payment', 'expired'),
    ('awaiting_payment', 'cancelled'),
    ('awaiting_payment', 'declined'),
    ('awaiting_payment', 'in_doubt'),
    ('in_doubt', 'paid'),
    ('in_doubt', 'expired'),
    ('paid', 'refunded');
alter table order_event
    add constraint order_event_possible foreign key (from_state, to_state) references order_transition (from_state, to_state);
