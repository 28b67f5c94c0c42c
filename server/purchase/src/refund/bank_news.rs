//! What happens to payments at the bank without us: refunds made in its dashboard, disputes. The event was stored when it
//! arrived; here the bank is asked what is true, and that is booked.

use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::order;
use crate::payment::{Dispute, DisputeState, Refund, RefundState};
use crate::purchase::Purchase;
use crate::refund::{self, OwedState};

/// How long whoever works on an event has for it, in seconds.
const LEASE: u32 = 45;
/// How long an event waits for a payment that we do not know (yet), in hours.
const PATIENCE: u32 = 1;

struct News {
    id: String,
    kind: String,
    object: Option<String>,
    intent: Option<String>,
    is_old: bool,
}

/// The attempt that a payment belongs to.
struct Paid {
    attempt: Uuid,
    order: Uuid,
}

/// Whether an event of this type is worked on here: it concerns a payment that has been made.
pub(crate) fn is_news(kind: &str) -> bool {
    kind.starts_with("refund.") || kind.starts_with("charge.refund") || is_dispute(kind)
}

fn is_dispute(kind: &str) -> bool {
    kind.starts_with("charge.dispute.")
}

impl Purchase {
    /// Works on stored events that are due; one that cannot be worked on now is due again later.
    pub(crate) async fn read_bank_news(&self, most: u32) -> Result<(), Error> {
        let due = sqlx::query_scalar!(
            r#"
            select id from webhook_event where worked_at is null and next_at <= utc_timestamp(6)
            order by next_at limit ?
            "#,
            most
        )
        .fetch_all(self.database().pool())
        .await?;
        for id in due {
            if let Some(news) = self.claim_news(&id).await?
                && let Err(error) = self.work_on(&news).await
            {
                tracing::warn!(event = news.id, error = &error as &dyn std::error::Error, "an event waits");
            }
        }
        Ok(())
    }

    async fn claim_news(&self, id: &str) -> Result<Option<News>, Error> {
        let claimed = sqlx::query!(
            r#"
            update webhook_event set next_at = utc_timestamp(6) + interval ? second
            where id = ? and worked_at is null and next_at <= utc_timestamp(6)
            "#,
            LEASE,
            id
        )
        .execute(self.database().pool())
        .await?;
        if claimed.rows_affected() == 0 {
            return Ok(None);
        }
        let news = sqlx::query_as!(
            News,
            r#"
            select id, type as kind, object_id as object, intent_id as intent,
                   received_at < utc_timestamp(6) - interval ? hour as "is_old!: bool"
            from webhook_event where id = ?
            "#,
            PATIENCE,
            id
        )
        .fetch_one(self.database().pool())
        .await?;
        Ok(Some(news))
    }

    async fn work_on(&self, news: &News) -> Result<(), Error> {
        let intent = news.intent.as_deref().unwrap_or_default();
        let paid = sqlx::query_as!(
            Paid,
            r#"select id as "attempt: Uuid", order_id as "order: Uuid" from payment_attempt where intent_id = ?"#,
            intent
        )
        .fetch_optional(self.database().pool())
        .await?;
        match paid {
            // Its own sale may not be stored yet.
            None if !news.is_old => return Ok(()),
            None => tracing::warn!(event = news.id, kind = news.kind, "an event of a payment that is not ours"),
            Some(paid) if is_dispute(&news.kind) => {
                let dispute = self.bank().dispute(news.object.as_deref().unwrap_or_default()).await?;
                self.book_dispute(&paid, &dispute).await?;
            }
            Some(paid) => {
                for found in self.bank().refunds_of(intent).await? {
                    self.database()
                        .retry(|| async {
                            let mut tx = self.database().begin().await?;
                            let result = book_refund(&mut tx, &paid, &found).await;
                            tx.end(result).await
                        })
                        .await?;
                }
            }
        }
        sqlx::query!("update webhook_event set worked_at = utc_timestamp(6) where id = ?", news.id)
            .execute(self.database().pool())
            .await?;
        Ok(())
    }

    async fn book_dispute(&self, paid: &Paid, dispute: &Dispute) -> Result<(), Error> {
        let state = match &dispute.state {
            DisputeState::NeedsResponse => "needs_response",
            DisputeState::UnderReview => "under_review",
            DisputeState::Won => "won",
            DisputeState::Lost => "lost",
            DisputeState::Other(word) => word,
        };
        tracing::warn!(order = %paid.order, dispute = dispute.id, state, "purchase.dispute");
        sqlx::query!(
            r#"
            insert into dispute (bank_id, attempt_id, amount, reason, state) values (?, ?, ?, ?, ?)
            on duplicate key update amount = values(amount), reason = values(reason), state = values(state)
            "#,
            dispute.id,
            paid.attempt,
            dispute.amount,
            dispute.reason,
            state
        )
        .execute(self.database().pool())
        .await?;
        Ok(())
    }
}

/// Books a refund as the bank tells it: one of ours, or one that somebody made there.
async fn book_refund(tx: &mut MySqlConnection, paid: &Paid, found: &Refund) -> Result<(), Error> {
    order::lock(tx, paid.order).await?;
    let known = sqlx::query!(
        r#"select id as "id: Uuid" from refund where bank_id = ? or id = ? limit 1"#,
        found.id,
        found.ours
    )
    .fetch_optional(&mut *tx)
    .await?;
    let state = match found.state {
        RefundState::Pending => OwedState::Pending,
        RefundState::Succeeded => OwedState::Done,
        RefundState::Failed | RefundState::Canceled => OwedState::Failed,
    };
    match known {
        // Ours is told to the shopper by the worker, at once.
        Some(known) if state == OwedState::Done && found.ours.is_some() => {
            sqlx::query!(
                r#"
                update refund set due_at = utc_timestamp(6)
                where id = ? and state in ('owed', 'pending') and leased_by is null
                "#,
                known.id
            )
            .execute(tx)
            .await?;
            Ok(())
        }
        Some(known) => refund::end(tx, known.id, paid.attempt, state, Some(&found.id)).await.map(|_| ()),
        None if state == OwedState::Failed => Ok(()),
        None => book_foreign(tx, paid, found, state).await,
    }
}

async fn book_foreign(tx: &mut MySqlConnection, paid: &Paid, found: &Refund, state: OwedState) -> Result<(), Error> {
    let attempt = sqlx::query!("select amount, refunded from payment_attempt where id = ? for update", paid.attempt)
        .fetch_one(&mut *tx)
        .await?;
    // The bank's word counts; what we owed as well may turn out to be too much, and is then refused there.
    let booked = found.amount.min(attempt.amount - attempt.refunded);
    if booked < found.amount {
        tracing::error!(order = %paid.order, refund = found.id, "more was given back at the bank than was left here");
    }
    if booked < 1 {
        return Ok(());
    }
    refund::book(tx, paid.attempt, attempt.refunded, booked).await?;
    sqlx::query!(
        r#"
        insert into refund (id, order_id, attempt_id, amount, state, by_whom, bank_id, due_at, done_at)
        values (?, ?, ?, ?, ?, 'bank', ?, utc_timestamp(6) + interval 1 day, if(? = 'done', utc_timestamp(6), null))
        "#,
        Uuid::now_v7(),
        paid.order,
        paid.attempt,
        booked,
        state.as_str(),
        found.id,
        state.as_str()
    )
    .execute(tx)
    .await?;
    Ok(())
}
