-- What a purchase sent under a key came to: an order, or a refusal without one. Written with the hold, in one
-- transaction, so a key without an outcome cannot be. A key begins with whose it is: F, the checkout form's derived
-- token follows; C, what an API client sent in Idempotency-Key. Keys are compared byte for byte.
create table idempotency (
    shopper_id      binary(16) not null,
    idempotency_key varbinary(256) not null,
    fingerprint     binary(32) not null,
    order_id        binary(16) null,
    refusal         varchar(200) character set ascii collate ascii_bin null,
    created_at      datetime(6) not null default current_timestamp(6),
    primary key (shopper_id, idempotency_key),
    key idempotency_by_age (created_at),
    constraint idempotency_outcome check ((order_id is null) <> (refusal is null))
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
