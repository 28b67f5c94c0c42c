-- What delivery and VAT depend on: the weight of one copy in grams, and the kind of goods.
alter table offer
    add column weight_g     int unsigned not null default 400,
    add column product_type enum('book', 'other') not null default 'book';
