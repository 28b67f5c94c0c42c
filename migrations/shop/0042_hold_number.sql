-- A hold ends once. An order that was in doubt, and whose payment was found after all, holds its copies anew: by rows with
-- the next number.
alter table hold
    add column number smallint unsigned not null default 1 after edition_id,
    drop primary key,
    add primary key (order_id, edition_id, number);
