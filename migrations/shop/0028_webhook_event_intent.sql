-- Refunds and disputes name the payment, not our attempt. An event is worked on after it was stored: worked_at.
alter table webhook_event
    add column object_id varchar(120) character set ascii collate ascii_bin null after attempt_id,
    add column intent_id varchar(120) character set ascii collate ascii_bin null after object_id,
    add column worked_at datetime(6) null,
    add column next_at datetime(6) not null default current_timestamp(6),
    add key webhook_event_due (worked_at, next_at);
