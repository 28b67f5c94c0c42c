-- One try to pay an order at the bank. body: the exact bytes of the request that opens it, sent again unchanged
-- under the same idempotency key when the answer was lost.
create table payment_attempt (
    id            binary(16) not null primary key,
    order_id      binary(16) not null,
    number        smallint unsigned not null,
    state         enum('creating', 'open', 'authorised', 'captured', 'closed', 'refunded', 'capture_failed') not null default 'creating',
    amount        bigint not null,
    currency      char(3) character set ascii collate ascii_bin not null,
    body          mediumtext not null,
    session_id    varchar(120) character set ascii collate ascii_bin null unique,
    session_url   varchar(1000) null,
    intent_id     varchar(120) character set ascii collate ascii_bin null unique,
    create_until  datetime(6) not null,
    expires_at    datetime(6) not null,
    settle_at     datetime(6) not null,
    tries         int unsigned not null default 0,
    created_at    datetime(6) not null default current_timestamp(6),
    unique key payment_attempt_number (order_id, number),
    key payment_attempt_due (state, settle_at),
    constraint payment_attempt_order foreign key (order_id) references orders (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
