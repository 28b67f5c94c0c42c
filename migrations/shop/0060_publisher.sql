-- Who brings editions out. name_key: the name folded, so that spellings of one name are one publisher.
create table publisher (
    id       bigint unsigned not null auto_increment primary key,
    name_key varchar(200) character set utf8mb4 collate utf8mb4_bin not null unique,
    name     varchar(200) not null
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
insert into publisher (name_key, name)
    select name_key, min(publisher)
    from (select replace(lower(publisher), ' ', '') collate utf8mb4_bin as name_key, publisher
          from edition where publisher <> '') as named
    group by name_key;
