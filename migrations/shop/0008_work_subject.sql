create table work_subject (
    work_id    bigint unsigned not null,
    subject_id bigint unsigned not null,
    position   smallint unsigned not null,
    primary key (work_id, subject_id),
    key work_subject_by_subject (subject_id),
    constraint work_subject_work foreign key (work_id) references work (id),
    constraint work_subject_subject foreign key (subject_id) references subject (id)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
