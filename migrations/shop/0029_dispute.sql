-- A payment that the card's holder disputes at the bank, as the bank last told of it.
create table dispute (
    bank_id    varchar(120) character set ascii collate ascii_bin not null primary key,
    attempt_id binary(16) not null,
    amount     bigint not null,
    reason     varchar(80) character set ascii collate ascii_bin not null,
    state      varchar(40) character set ascii collate ascii_bin not null,
    opened_at  datetime(6) not null default current_timestamp(6),
    changed_at datetime(6) not null default current_timestamp(6) on update current_timestamp(6),
    key dispute_by_attempt (attempt_id),
    constraint dispute_attempt foreign key (attempt_id) references payment_attempt (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
