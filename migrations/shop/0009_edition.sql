-- What is sold. external_key is the id that the source of the record gave it: importing it again updates this row.
create table edition (
    id           bigint unsigned not null auto_increment primary key,
    work_id      bigint unsigned not null,
    external_key varchar(120) character set utf8mb4 collate utf8mb4_bin not null unique,
    isbn13       char(13) character set ascii collate ascii_bin null unique,
    format       enum('paperback', 'hardback') not null,
    language     char(2) character set ascii collate ascii_bin not null,
    publisher    varchar(200) not null default '',
    published    smallint null,
    key edition_by_work (work_id),
    constraint edition_work foreign key (work_id) references work (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
