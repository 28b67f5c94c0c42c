-- Books that belong together in an order. number: as printed; sort_number: what it comes to, where that is a number.
create table series (
    id    bigint unsigned not null auto_increment primary key,
    slug  varchar(160) character set ascii collate ascii_bin not null unique,
    title varchar(300) not null
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
create table work_series (
    work_id     bigint unsigned not null,
    series_id   bigint unsigned not null,
    position    smallint unsigned not null,
    number      varchar(20) null,
    sort_number decimal(9, 3) null,
    primary key (work_id, series_id),
    key work_series_by_series (series_id, sort_number),
    constraint work_series_work foreign key (work_id) references work (id),
    constraint work_series_series foreign key (series_id) references series (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
