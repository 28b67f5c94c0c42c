-- Copies set aside for an order. A hold ends once: sold or released.
create table hold (
    order_id   binary(16) not null,
    edition_id bigint unsigned not null,
    quantity   int not null,
    state      enum('held', 'sold', 'released') not null default 'held',
    expires_at datetime(6) not null,
    ended_at   datetime(6) null,
    primary key (order_id, edition_id),
    constraint hold_order foreign key (order_id) references orders (id),
    constraint hold_quantity check (quantity > 0)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
