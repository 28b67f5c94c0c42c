-- An order's use of a discount code, one at most. customer: SHA-256 of the folded e-mail address, so that a guest and
-- an account are the same customer. A code's held and used always equal the counts of its rows here.
create table discount_use (
    order_id binary(16) not null primary key,
    code_id  binary(16) not null,
    customer binary(32) not null,
    state    enum('held', 'used', 'released') not null default 'held',
    at       datetime(6) not null default current_timestamp(6),
    key discount_use_by_customer (code_id, customer),
    constraint discount_use_order foreign key (order_id) references orders (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
