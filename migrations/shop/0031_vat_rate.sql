-- The VAT that a price contains, in basis points (hundredths of a per cent), by where the goods go: printed books, and
-- everything else at the standard rate. A country without a row: VAT 0, and the same price.
create table vat_rate (
    country      char(2) character set ascii collate ascii_bin not null,
    product_type enum('book', 'other') not null,
    basis_points int unsigned not null,
    primary key (country, product_type),
    constraint vat_rate_below_the_price check (basis_points < 10000)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;

-- As of 1 January 2026. To be checked before trading, and whenever a country changes its rates. Left out: Denmark (25 %
-- on everything, being abolished for books in 2026) and Latvia (the rate of books depends on their language).
insert into vat_rate (country, product_type, basis_points) values
    ('AT', 'book', 1000), ('AT', 'other', 2000),
    ('BE', 'book',  600), ('BE', 'other', 2100),
    ('BG', 'book',  900), ('BG', 'other', 2000),
    ('CH', 'book',  260), ('CH', 'other',  810),
    ('CY', 'book',  300), ('CY', 'other', 1900),
    ('CZ', 'book',    0), ('CZ', 'other', 2100),
    ('DE', 'book',  700), ('DE', 'other', 1900),
    ('EE', 'book',  900), ('EE', 'other', 2400),
    ('ES', 'book',  400), ('ES', 'other', 2100),
    ('FI', 'book', 1350), ('FI', 'other', 2550),
    ('FR', 'book',  550), ('FR', 'other', 2000),
    ('GB', 'book',    0), ('GB', 'other', 2000),
    ('GR', 'book',  600), ('GR', 'other', 2400),
    ('HR', 'book',  500), ('HR', 'other', 2500),
    ('HU', 'book',  500), ('HU', 'other', 2700),
    ('IE', 'book',    0), ('IE', 'other', 2300),
    ('IT', 'book',  400), ('IT', 'other', 2200),
    ('LT', 'book',  500), ('LT', 'other', 2100),
    ('LU', 'book',  300), ('LU', 'other', 1700),
    ('MT', 'book',  500), ('MT', 'other', 1800),
    ('NL', 'book',  900), ('NL', 'other', 2100),
    ('NO', 'book',    0), ('NO', 'other', 2500),
    ('PL', 'book',  500), ('PL', 'other', 2300),
    ('PT', 'book',  600), ('PT', 'other', 2300),
    ('RO', 'book', 1100), ('RO', 'other', 2100),
    ('SE', 'book',  600), ('SE', 'other', 2500),
    ('SI', 'book',  500), ('SI', 'other', 2200),
    ('SK', 'book',  500), ('SK', 'other', 2300);
