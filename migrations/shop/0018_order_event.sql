-- Every step of an order, written in the transaction that makes it.
create table order_event (
    id         bigint unsigned not null auto_increment primary key,
    order_id   binary(16) not null,
    from_state varchar(20) character set ascii collate ascii_bin not null,
    to_state   varchar(20) character set ascii collate ascii_bin not null,
    by_whom    varchar(60) character set ascii collate ascii_bin not null,
    at         datetime(6) not null default current_timestamp(6),
    key order_event_by_order (order_id),
    constraint order_event_order foreign key (order_id) references orders (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
