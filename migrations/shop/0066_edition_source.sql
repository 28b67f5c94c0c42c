-- external_key: SOURCE/ID of the source that has brought the edition.
alter table edition modify external_key varchar(200) character set utf8mb4 collate utf8mb4_bin not null;
update edition set external_key = concat('octavo/', external_key);
-- Under which id which source knows an edition: importing that again updates the edition. source_key: SOURCE/ID.
create table edition_source (
    source_key varchar(200) character set utf8mb4 collate utf8mb4_bin not null primary key,
    source     varchar(40) character set ascii collate ascii_bin not null,
    edition_id bigint unsigned not null,
    unique key edition_source_once (edition_id, source),
    constraint edition_source_edition foreign key (edition_id) references edition (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
insert into edition_source (source_key, source, edition_id) select external_key, 'octavo', id from edition;
-- A work of the shop's own file is known by its first edition there.
update work
    join (select work_id, min(id) as id from edition group by work_id) as first on first.work_id = work.id
    join edition on edition.id = first.id
    set work.source_key = edition.external_key;
