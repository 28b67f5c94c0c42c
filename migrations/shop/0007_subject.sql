create table subject (
    id   bigint unsigned not null auto_increment primary key,
    slug varchar(80) character set ascii collate ascii_bin not null unique,
    name varchar(120) not null
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
