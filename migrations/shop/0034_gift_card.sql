-- Money that was paid in advance, in minor units: left = issued - held - spent. code_hash: SHA-256 of the code's 16
-- characters; the code itself is shown once and stored nowhere. No foreign key may point here: its check would take a
-- shared lock at INSERT, before the card's turn in the order of locks.
create table gift_card (
    id         binary(16) not null primary key,
    code_hash  binary(32) not null unique,
    issued     bigint not null,
    held       bigint not null default 0,
    spent      bigint not null default 0,
    currency   char(3) character set ascii collate ascii_bin not null,
    created_at datetime(6) not null default current_timestamp(6),
    constraint gift_card_issued check (issued > 0),
    constraint gift_card_held_not_negative check (held >= 0),
    constraint gift_card_spent_not_negative check (spent >= 0),
    constraint gift_card_never_overspent check (held + spent <= issued)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
