-- author: everybody who contributes to books. source_key: SOURCE/ID where a source knows them by an id of its own.
alter table author
    modify about mediumtext not null,
    add column source_key varchar(200) character set utf8mb4 collate utf8mb4_bin null unique;
-- Other names and spellings.
create table author_name (
    author_id bigint unsigned not null,
    name      varchar(300) character set utf8mb4 collate utf8mb4_bin not null,
    primary key (author_id, name),
    constraint author_name_author foreign key (author_id) references author (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
-- Who wrote or edited a work.
alter table work_author
    add column role enum('author', 'editor', 'other') not null default 'author';
-- Who else has made an edition what it is.
create table edition_contributor (
    edition_id bigint unsigned not null,
    author_id  bigint unsigned not null,
    role       enum('editor', 'translator', 'illustrator', 'introduction', 'narrator', 'other') not null,
    position   smallint unsigned not null,
    primary key (edition_id, author_id, role),
    key edition_contributor_by_author (author_id),
    constraint edition_contributor_edition foreign key (edition_id) references edition (id),
    constraint edition_contributor_author foreign key (author_id) references author (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
