create table work_author (
    work_id   bigint unsigned not null,
    author_id bigint unsigned not null,
    position  smallint unsigned not null,
    primary key (work_id, author_id),
    key work_author_by_author (author_id),
    constraint work_author_work foreign key (work_id) references work (id),
    constraint work_author_author foreign key (author_id) references author (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
