-- What delivery costs, in minor units (cents), VAT included, by the weight of all goods in grams (both ends belong to
-- the class; no upper end: any weight). '*' is every country without rows of its own in that currency. No row that
-- fits: not delivered there. The prices are an example of a shop in Austria.
create table shipping_rate (
    country  varchar(2) character set ascii collate ascii_bin not null,
    from_g   int unsigned not null,
    up_to_g  int unsigned null,
    price    bigint not null,
    currency char(3) character set ascii collate ascii_bin not null,
    primary key (country, currency, from_g),
    constraint shipping_rate_class check (up_to_g is null or up_to_g >= from_g),
    constraint shipping_rate_price check (price >= 0)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;

insert into shipping_rate (country, from_g, up_to_g, price, currency) values
    ('AT',     0,  2000,  390, 'EUR'),
    ('AT',  2001, 10000,  590, 'EUR'),
    ('AT', 10001,  null,  990, 'EUR'),
    ('*',      0,   500, 1190, 'EUR'),
    ('*',    501,  2000, 1990, 'EUR'),
    ('*',   2001,  5000, 3490, 'EUR'),
    ('*',   5001, 20000, 7990, 'EUR');

-- The rest of the European Union.
insert into shipping_rate (country, from_g, up_to_g, price, currency)
select member.country, class.from_g, class.up_to_g, class.price, 'EUR'
from json_table(
         '["BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
           "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"]',
         '$[*]' columns (country varchar(2) path '$')) as member
     cross join (select 0 as from_g, 2000 as up_to_g, 790 as price
                 union all select 2001, 10000, 1290
                 union all select 10001, 31500, 2190) as class;
