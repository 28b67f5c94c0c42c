-- A work is what an author wrote; what is sold is one of its editions.
create table work (
    id              bigint unsigned not null auto_increment primary key,
    slug            varchar(160) character set ascii collate ascii_bin not null unique,
    title           varchar(500) not null,
    original_title  varchar(500) null,
    language        char(2) character set ascii collate ascii_bin not null,
    first_published smallint null,
    description     text not null,
    popularity      int unsigned not null default 0
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
