-- What was ordered, in the words and at the price that the shopper saw.
create table order_line (
    order_id   binary(16) not null,
    edition_id bigint unsigned not null,
    position   smallint unsigned not null,
    title      varchar(500) not null,
    quantity   int not null,
    unit_price bigint not null,
    primary key (order_id, edition_id),
    constraint order_line_order foreign key (order_id) references orders (id),
    constraint order_line_quantity check (quantity > 0)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
