-- Money that goes back: owed by us, or found at the bank (bank_id set, body null). body: the exact bytes of our request,
-- sent again unchanged under the same key.
create table refund (
    id         binary(16) not null primary key,
    order_id   binary(16) not null,
    attempt_id binary(16) not null,
    amount     bigint not null,
    state      enum('owed', 'pending', 'done', 'failed') not null default 'owed',
    by_whom    varchar(60) character set ascii collate ascii_bin not null,
    body       mediumtext null,
    bank_id    varchar(120) character set ascii collate ascii_bin null unique,
    due_at     datetime(6) not null default current_timestamp(6),
    leased_by  binary(16) null,
    tries      int unsigned not null default 0,
    created_at datetime(6) not null default current_timestamp(6),
    done_at    datetime(6) null,
    key refund_by_order (order_id),
    key refund_due (state, due_at),
    constraint refund_order foreign key (order_id) references orders (id),
    constraint refund_attempt foreign key (attempt_id) references payment_attempt (id),
    constraint refund_amount check (amount > 0)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
