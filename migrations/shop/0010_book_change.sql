-- Which works the search index must read again. Written in the transaction that changes the book or its availability.
create table book_change (
    id         bigint unsigned not null auto_increment primary key,
    edition_id bigint unsigned not null,
    changed_at datetime(6) not null default current_timestamp(6)
) engine = innodb default charset = utf8mb4 collate = utf8mb4_unicode_ci;
