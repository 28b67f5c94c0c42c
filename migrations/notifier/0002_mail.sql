-- Every mail that is or was owed, with the exact bytes that every try sends and the one Message-ID they carry.
create table mail (
    id              binary(16) not null primary key,
    message_id      binary(16) not null unique,
    kind            varchar(60) character set ascii collate ascii_bin not null,
    recipient       varchar(254) not null,
    subject         varchar(500) not null,
    mail_message_id varchar(255) character set ascii collate ascii_bin not null unique,
    mime            mediumblob not null,
    state           enum('pending', 'sending', 'sent', 'retry', 'failed', 'expired', 'uncertain') not null default 'pending',
    attempts        int unsigned not null default 0,
    next_at         datetime(6) not null default current_timestamp(6),
    leased_by       binary(16) null,
    leased_until    datetime(6) null,
    not_after       datetime(6) null,
    last_answer     varchar(500) null,
    created_at      datetime(6) not null default current_timestamp(6),
    sent_at         datetime(6) null,
    key mail_due (state, next_at)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
