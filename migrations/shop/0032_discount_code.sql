-- A code that makes the goods cheaper. code: folded (capital letters and digits only). value: basis points of a
-- percentage, minor units of an amount; it never changes, for orders are reckoned with it. No foreign key may point
-- here: its check would take a shared lock at INSERT, before the code's turn in the order of locks.
create table discount_code (
    id                binary(16) not null primary key,
    code              varchar(40) character set ascii collate ascii_bin not null unique,
    kind              enum('percentage', 'amount') not null,
    value             bigint not null,
    currency          char(3) character set ascii collate ascii_bin null,
    starts_at         datetime(6) not null,
    ends_at           datetime(6) null,
    most_uses         int unsigned null,
    most_per_customer int unsigned null,
    used              int unsigned not null default 0,
    held              int unsigned not null default 0,
    created_at        datetime(6) not null default current_timestamp(6),
    constraint discount_code_value check (
        (kind = 'percentage' and value between 1 and 10000 and currency is null)
        or (kind = 'amount' and value > 0 and currency is not null)),
    constraint discount_code_times check (ends_at is null or ends_at > starts_at),
    constraint discount_code_never_overused check (most_uses is null or used + held <= most_uses)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
