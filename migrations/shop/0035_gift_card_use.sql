-- The part of an order that a gift card pays, in minor units of the card's currency.
create table gift_card_use (
    order_id binary(16) not null,
    card_id  binary(16) not null,
    amount   bigint not null,
    state    enum('held', 'spent', 'released', 'given_back') not null default 'held',
    at       datetime(6) not null default current_timestamp(6),
    primary key (order_id, card_id),
    key gift_card_use_by_card (card_id),
    constraint gift_card_use_order foreign key (order_id) references orders (id),
    constraint gift_card_use_amount check (amount > 0)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
