-- Every change of a gift card, in the transaction that makes it. Over a card's rows: issued = the issued ones;
-- held = held - released - spent; spent = spent - given_back.
create table money_ledger (
    id       bigint unsigned not null auto_increment primary key,
    card_id  binary(16) not null,
    movement enum('issued', 'held', 'released', 'spent', 'given_back') not null,
    amount   bigint not null,
    order_id binary(16) null,
    by_whom  varchar(60) character set ascii collate ascii_bin not null,
    at       datetime(6) not null default current_timestamp(6),
    key money_ledger_by_card (card_id),
    key money_ledger_by_order (order_id),
    constraint money_ledger_amount check (amount > 0)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
