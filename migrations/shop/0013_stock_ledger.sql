-- Every change of a stock row: what, how many, by whom, for which order.
create table stock_ledger (
    id         bigint unsigned not null auto_increment primary key,
    edition_id bigint unsigned not null,
    movement    enum('received', 'held', 'released', 'sold', 'returned') not null,
    quantity   int not null,
    order_id   binary(16) null,
    by_whom    varchar(60) character set ascii collate ascii_bin not null,
    at         datetime(6) not null default current_timestamp(6),
    key stock_ledger_by_edition (edition_id),
    key stock_ledger_by_order (order_id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
