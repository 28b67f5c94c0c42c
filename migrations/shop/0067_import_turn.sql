-- Whoever takes a batch of records in locks this row first, so that two imports at once take turns.
create table import_turn (
    id tinyint unsigned not null primary key
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
insert into import_turn (id) values (1);
