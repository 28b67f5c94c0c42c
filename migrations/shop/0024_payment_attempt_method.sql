-- method: the payment method that an API client named; without one the shopper pays on the bank's page.
-- decline_code: why the bank refused it. leased_by: who looks after the attempt until settle_at.
alter table payment_attempt
    add column method       varchar(120) character set ascii collate ascii_bin null after number,
    add column decline_code varchar(80) character set ascii collate ascii_bin null after intent_id,
    add column leased_by    binary(16) null after settle_at;
