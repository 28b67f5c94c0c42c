-- available = received + allowance - sell_count - held. No foreign key may point here: its check would take
-- a shared lock at INSERT, before the stock row's turn in the order of locks.
create table stock (
    edition_id bigint unsigned not null primary key,
    received   int not null default 0,
    allowance  int not null default 0,
    sell_count int not null default 0,
    held       int not null default 0,
    constraint stock_received_not_negative check (received >= 0),
    constraint stock_allowance_not_negative check (allowance >= 0),
    constraint stock_sell_count_not_negative check (sell_count >= 0),
    constraint stock_held_not_negative check (held >= 0),
    constraint stock_never_oversold check (sell_count + held <= received + allowance)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
