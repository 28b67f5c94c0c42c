-- How far an import has come that has not ended: the same file, read the same way, goes on after so many records. A row
-- goes when its import ends.
create table import_progress (
    source    varchar(40) character set ascii collate ascii_bin not null primary key,
    file_hash binary(32) not null,
    records   bigint unsigned not null,
    at        datetime(6) not null default current_timestamp(6) on update current_timestamp(6)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
