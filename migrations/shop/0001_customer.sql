-- People with an account. The e-mail address is kept as typed and compared folded (lower case, trimmed by the shop).
create table customer (
    id            binary(16)   not null primary key,
    email         varchar(254) not null,
    email_folded  varchar(254) character set utf8mb4 collate utf8mb4_bin not null unique,
    name          varchar(200) not null,
    password_hash varchar(255) character set ascii collate ascii_bin not null,
    shopper_id    binary(16)   not null unique,
    created_at    datetime(6)  not null default current_timestamp(6)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
