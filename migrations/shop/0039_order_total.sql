-- What an order's total is made of: goods - discount + shipping = total; gift_card is the part of it that a gift card
-- pays, the bank takes the rest. discount_code: as it was typed, folded. A line's discount is its part of the order's.
alter table orders
    add column delivery      enum('ship', 'collect') not null default 'ship' after currency,
    add column goods         bigint not null default 0 after delivery,
    add column discount      bigint not null default 0 after goods,
    add column shipping      bigint not null default 0 after discount,
    add column gift_card     bigint not null default 0 after shipping,
    add column discount_code varchar(40) character set ascii collate ascii_bin null after gift_card;
update orders set goods = total;
alter table orders
    add constraint orders_sum check (goods - discount + shipping = total),
    add constraint orders_parts check (
        goods >= 0 and discount between 0 and goods and shipping >= 0 and gift_card between 0 and total);
alter table order_line
    add column discount bigint not null default 0;
-- The VAT in the total by its rate in basis points; the gross parts of an order add up to its total.
create table order_vat (
    order_id     binary(16) not null,
    basis_points int unsigned not null,
    gross        bigint not null,
    vat          bigint not null,
    primary key (order_id, basis_points),
    constraint order_vat_order foreign key (order_id) references orders (id),
    constraint order_vat_part check (vat between 0 and gross)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
