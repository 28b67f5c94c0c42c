-- What else changes what would be paid: where the goods go (country counts when they are sent), the discount code and
-- the gift card. unit_price: what a copy cost when the shopper put it in, so that a change can be shown; quantity_wanted:
-- what two baskets that became one held together, where there was less. No foreign keys to codes and cards, as elsewhere.
alter table basket
    add column delivery         enum('ship', 'collect') not null default 'ship',
    add column country          char(2) character set ascii collate ascii_bin not null default 'AT',
    add column discount_code_id binary(16) null,
    add column gift_card_id     binary(16) null;
alter table basket_line
    add column unit_price      bigint null,
    add column currency        char(3) character set ascii collate ascii_bin null,
    add column quantity_wanted int null;
