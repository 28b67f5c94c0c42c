-- Which messages have been taken in: a second delivery ends here.
create table inbox (
    message_id  binary(16) not null primary key,
    type        varchar(60) character set ascii collate ascii_bin not null,
    received_at datetime(6) not null default current_timestamp(6)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
