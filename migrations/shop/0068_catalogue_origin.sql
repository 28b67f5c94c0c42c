-- Names this database, so that a search index that was built from another one is known as such.
create table catalogue_origin (
    id     tinyint unsigned not null primary key,
    origin char(36) character set ascii collate ascii_bin not null
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
insert into catalogue_origin (id, origin) values (1, uuid());
