-- Which of the bank's events have arrived: a second delivery is a duplicate. What is true, the worker then reads at the
-- bank.
create table webhook_event (
    id          varchar(120) character set ascii collate ascii_bin not null primary key,
    type        varchar(80) character set ascii collate ascii_bin not null,
    attempt_id  binary(16) null,
    received_at datetime(6) not null default current_timestamp(6),
    key webhook_event_by_attempt (attempt_id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
