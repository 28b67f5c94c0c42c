create table basket_line (
    basket_id  binary(16) not null,
    edition_id bigint unsigned not null,
    quantity   int not null,
    added_at   datetime(6) not null default current_timestamp(6),
    primary key (basket_id, edition_id),
    constraint basket_line_basket foreign key (basket_id) references basket (id) on delete cascade,
    constraint basket_line_quantity check (quantity between 1 and 99)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
