-- source_key: SOURCE/ID where a source tells works apart. match_key: title, first author and number in the series, hashed,
-- by which editions that come without such an id find the work that they belong to. is_described: a source has described
-- the work itself; else it is what its first edition says.
alter table work
    modify description mediumtext not null,
    modify language varchar(3) character set ascii collate ascii_bin not null,
    add column subtitle     varchar(500) null after title,
    add column source_key   varchar(200) character set utf8mb4 collate utf8mb4_bin null unique,
    add column match_key    binary(16) null,
    add column is_described boolean not null default false,
    add key work_by_match_key (match_key);
