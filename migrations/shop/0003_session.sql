-- Browser sessions. Only the SHA-256 of a session's id is stored, so a leaked table opens no session.
create table session (
    id_hash     binary(32)  not null primary key,
    customer_id binary(16)  null,
    data        mediumtext  not null,
    created_at  datetime(6) not null default current_timestamp(6),
    expires_at  datetime(6) not null,
    key session_by_customer (customer_id),
    key session_by_expiry (expires_at)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
