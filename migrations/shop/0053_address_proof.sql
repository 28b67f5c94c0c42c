-- Links by which customers prove that their e-mail address is theirs, a row as long as one works. Only the SHA-256 of a
-- link's token is stored, so a leaked table proves nothing.
create table address_proof (
    token_hash   binary(32)   not null primary key,
    customer_id  binary(16)   not null,
    email_folded varchar(254) character set utf8mb4 collate utf8mb4_bin not null,
    expires_at   datetime(6)  not null,
    created_at   datetime(6)  not null default current_timestamp(6),
    key address_proof_by_customer (customer_id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
