-- Whoever has put something into a basket: a guest, or (customer_id) somebody with an account.
create table shopper (
    id          binary(16)  not null primary key,
    customer_id binary(16)  null,
    created_at  datetime(6) not null default current_timestamp(6),
    key shopper_by_customer (customer_id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
