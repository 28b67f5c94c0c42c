create table author (
    id        bigint unsigned not null auto_increment primary key,
    slug      varchar(160) character set ascii collate ascii_bin not null unique,
    name      varchar(300) not null,
    sort_name varchar(300) not null,
    about     text not null
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
