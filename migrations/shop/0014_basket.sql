-- A shopper has one open basket at most. Whatever changes what would be paid raises its version.
create table basket (
    id         binary(16) not null primary key,
    shopper_id binary(16) not null,
    version    int unsigned not null default 1,
    state      enum('open', 'ordered', 'merged') not null default 'open',
    open_for   binary(16) generated always as (case when state = 'open' then shopper_id end) stored,
    created_at datetime(6) not null default current_timestamp(6),
    updated_at datetime(6) not null default current_timestamp(6) on update current_timestamp(6),
    unique key basket_one_open (open_for),
    key basket_by_shopper (shopper_id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
