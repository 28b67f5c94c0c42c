-- What the trade says of an edition. printed: neither known as soft nor as hard; other: not printed, and so not sold here.
-- published, published_month, published_day: as far as known. availability: ONIX list 65; status: ONIX list 64.
-- embargo_until: before this day no copy is handed over. is_listed: false once its source has taken it back.
alter table edition
    modify format enum('paperback', 'hardback', 'printed', 'other') not null,
    modify language varchar(3) character set ascii collate ascii_bin not null,
    add column publisher_id    bigint unsigned null,
    add column published_month tinyint unsigned null after published,
    add column published_day   tinyint unsigned null after published_month,
    add column pages           int unsigned null,
    add column availability    enum('available', 'not_yet', 'temporarily', 'not_available', 'unknown') not null default 'available',
    add column status          enum('forthcoming', 'active', 'cancelled', 'out_of_print') not null default 'active',
    add column expected_on     date null,
    add column embargo_until   date null,
    add column is_listed       boolean not null default true,
    add constraint edition_publisher foreign key (publisher_id) references publisher (id);
update edition join publisher on publisher.name_key = replace(lower(edition.publisher), ' ', '') collate utf8mb4_bin
    set edition.publisher_id = publisher.id;
alter table edition drop column publisher;
