//! After the trouble: everything runs, nothing is faulty, and time passes until nothing is left to do.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::shop::Shop;

/// How long the shop may take to come to rest.
const REST_WITHIN: Duration = Duration::from_secs(90);

/// As if the time had come for every attempt; the bank's pages that nobody pays any more close.
const HURRY: &str = r#"
    update payment_attempt set settle_at = utc_timestamp(6), expires_at = least(expires_at, utc_timestamp(6)),
           create_until = least(create_until, utc_timestamp(6))
    where state in ('creating', 'open', 'authorised') and settle_at > utc_timestamp(6) + interval 1 second
"#;
const HURRY_REFUNDS: &str = r#"
    update refund set due_at = utc_timestamp(6)
    where state in ('owed', 'pending') and due_at > utc_timestamp(6) + interval 1 second
"#;
const HURRY_MESSAGES: &str =
    "update outbox set next_at = current_timestamp(6) where published_at is null and next_at > current_timestamp(6)";
/// What a dead sender had in hand.
const ORPHANS: &str = "update mail set leased_until = current_timestamp(6) where state = 'sending'";
const HURRY_MAILS: &str =
    "update mail set next_at = current_timestamp(6) where state in ('pending', 'retry', 'uncertain')";

/// What must come to nothing: each finds what is left, by its id.
const LEFT: [(&str, &str); 4] = [
    (
        "an attempt to pay that does not end",
        "select concat(lower(hex(id)), ' ', state) from payment_attempt where state in ('creating', 'open', 'authorised')",
    ),
    (
        "an order that does not end",
        "select concat(lower(hex(link)), ' ', state) from orders where state in ('awaiting_payment', 'in_doubt')",
    ),
    (
        "money that is still owed back",
        "select concat(lower(hex(id)), ' ', state) from refund where state in ('owed', 'pending')",
    ),
    ("a message that is not published", "select lower(hex(id)) from outbox where published_at is null"),
];
const LEFT_MAILS: &str = "select concat(recipient, ' ', state) from mail where state <> 'sent'";

impl Shop {
    /// Ends all trouble and waits until nothing is left to do; what is left after all.
    pub async fn heal_and_drain(&self) -> Vec<String> {
        let mut crew = self.crew.lock().await;
        crew.armed = false;
        // Also those that are only stopped, and those that are armed.
        crew.end("").await;
        drop(crew);
        let overseer = tokio::spawn(crate::crew::oversee(std::sync::Arc::clone(&self.crew)));
        self.mailbox.behave();
        self.books_line.mend();
        self.mails_line.mend();
        self.broker.heal().await;
        let begun = Instant::now();
        while !self.faults(&json!([])).await {
            assert!(begun.elapsed() < REST_WITHIN, "the bank does not come back");
            sleep(Duration::from_millis(100)).await;
        }
        let mut first = true;
        let left = loop {
            // The database may still be coming back.
            let left = self.hurry(first).await.unwrap_or_else(|error| vec![error.to_string()]);
            first = false;
            if left.is_empty() || begun.elapsed() > REST_WITHIN {
                break left;
            }
            sleep(Duration::from_millis(500)).await;
        };
        println!("at rest after {} s", begun.elapsed().as_secs());
        overseer.abort();
        left
    }

    async fn hurry(&self, first: bool) -> Result<Vec<String>, sqlx::Error> {
        let (shop, mails) = (self.database().pool(), self.mails().pool());
        sqlx::query(HURRY).execute(shop).await?;
        sqlx::query(HURRY_REFUNDS).execute(shop).await?;
        sqlx::query(HURRY_MESSAGES).execute(shop).await?;
        if first {
            sqlx::query(ORPHANS).execute(mails).await?;
        }
        sqlx::query(HURRY_MAILS).execute(mails).await?;
        let mut left = Vec::new();
        for (what, sql) in LEFT {
            let found: Vec<String> = sqlx::query_scalar(sql).fetch_all(shop).await?;
            left.extend(found.into_iter().map(|id| format!("Q2 {what}: {id}")));
        }
        let waiting: Vec<String> = sqlx::query_scalar(LEFT_MAILS).fetch_all(mails).await?;
        left.extend(waiting.into_iter().map(|mail| format!("Q2 a mail that is not sent: {mail}")));
        if left.is_empty() {
            // What the broker still has is on its way here.
            let owed: i64 = sqlx::query_scalar("select count(*) from outbox").fetch_one(shop).await?;
            let taken: i64 = sqlx::query_scalar("select count(*) from inbox").fetch_one(mails).await?;
            if taken < owed {
                left.push(format!("Q2 {} messages that the notifiers have not got", owed - taken));
            }
        }
        Ok(left)
    }
}
