-- When the customer has shown that mail to this address reaches them; null until then.
alter table customer add column email_proved_at datetime(6) null after email_folded;
