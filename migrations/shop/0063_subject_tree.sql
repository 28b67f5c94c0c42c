-- A subject may be a part of another. code: of the Thema subject categories, where it has one.
alter table subject
    add column parent_id bigint unsigned null,
    add column code      varchar(12) character set ascii collate ascii_bin null unique,
    add constraint subject_parent foreign key (parent_id) references subject (id);
