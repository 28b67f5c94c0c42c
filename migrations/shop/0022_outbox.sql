-- Messages owed to the broker, written in the transaction that they speak of, relayed afterwards.
create table outbox (
    id           binary(16) not null primary key,
    subject_id   binary(16) not null,
    type         varchar(60) character set ascii collate ascii_bin not null,
    version      smallint unsigned not null,
    payload      mediumtext not null,
    created_at   datetime(6) not null default current_timestamp(6),
    next_at      datetime(6) not null default current_timestamp(6),
    attempts     int unsigned not null default 0,
    leased_by    binary(16) null,
    published_at datetime(6) null,
    unique key outbox_once (subject_id, type),
    key outbox_due (published_at, next_at)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
