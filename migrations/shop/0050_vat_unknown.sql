-- '*' is every country without rows of its own: what leaves the European Union bears no VAT of ours. A rate that nobody
-- has made sure of is null: nothing is sent there until it is known.
alter table vat_rate
    modify column country varchar(2) character set ascii collate ascii_bin not null,
    modify column basis_points int unsigned null;
insert into vat_rate (country, product_type, basis_points) values
    ('*',  'book', 0),    ('*',  'other', 0),
    ('DK', 'book', null), ('DK', 'other', 2500),
    ('LV', 'book', null), ('LV', 'other', 2100);
