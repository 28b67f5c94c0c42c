-- At which price an edition is sold, in minor units (cents), VAT included.
create table offer (
    edition_id bigint unsigned not null primary key,
    price      bigint not null,
    currency   char(3) character set ascii collate ascii_bin not null,
    constraint offer_price_positive check (price >= 0)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
