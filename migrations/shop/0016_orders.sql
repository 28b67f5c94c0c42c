-- An order. token: the form's derived token, unique for ever, so that one wish makes one order; link: the
-- 128-bit address of its page; cancel_wished_at: the shopper wants it cancelled, and a worker sees to it.
create table orders (
    id               binary(16) not null primary key,
    number           char(9) character set ascii collate ascii_bin not null unique,
    link             binary(16) not null unique,
    shopper_id       binary(16) not null,
    basket_id        binary(16) not null,
    basket_version   int unsigned not null,
    token            binary(32) not null unique,
    state            enum('awaiting_payment', 'paid', 'expired', 'cancelled', 'declined', 'in_doubt') not null,
    total            bigint not null,
    currency         char(3) character set ascii collate ascii_bin not null,
    email            varchar(254) not null,
    name             varchar(200) not null,
    street           varchar(200) not null,
    postcode         varchar(20) not null,
    city             varchar(120) not null,
    country          char(2) character set ascii collate ascii_bin not null,
    cancel_wished_at datetime(6) null,
    created_at       datetime(6) not null default current_timestamp(6),
    unique key orders_one_per_basket_version (basket_id, basket_version),
    key orders_by_shopper (shopper_id, created_at),
    key orders_by_state (state, created_at),
    constraint orders_total check (total >= 0)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
