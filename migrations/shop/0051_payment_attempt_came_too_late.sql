-- How an attempt is about to end is written down before the bank is asked to close its payment, so that whoever finds it
-- closed ends the order as it was meant: decline_code, or that the money came when the order had ended already.
alter table payment_attempt
    add column came_too_late boolean not null default false after decline_code;
