//! A shopper's wish to cancel: written on the order, carried out by the worker once the bank has closed the payment.

use identity::OrderHolder;
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::purchase::Purchase;

/// What became of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// The order is being cancelled.
    Wished,
    /// It has ended already, or it is paid.
    TooLate,
    /// There is no such order.
    Unknown,
}

impl Purchase {
    /// Writes the wish on the order that this caller holds the link to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_order(&self, holder: OrderHolder) -> Result<CancelOutcome, Error> {
        let outcome = self
            .database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = wish(&mut tx, holder).await;
                tx.end_at("purchase::wish", result).await
            })
            .await?;
        if outcome == CancelOutcome::Wished {
            self.wake_worker();
        }
        Ok(outcome)
    }

    pub(crate) async fn cancel_wished(&self, order: Uuid) -> Result<bool, Error> {
        let wished = sqlx::query_scalar!(
            r#"select cancel_wished_at is not null as "wished!: bool" from orders where id = ?"#,
            order
        )
        .fetch_one(self.database().pool())
        .await?;
        Ok(wished)
    }
}

async fn wish(connection: &mut MySqlConnection, holder: OrderHolder) -> Result<CancelOutcome, Error> {
    let order = sqlx::query!(
        r#"select id as "id: Uuid", state = 'awaiting_payment' as "open!: bool" from orders where link = ? for update"#,
        holder.link()
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(order) = order else { return Ok(CancelOutcome::Unknown) };
    if !order.open {
        return Ok(CancelOutcome::TooLate);
    }
    sqlx::query!(
        "update orders set cancel_wished_at = coalesce(cancel_wished_at, utc_timestamp(6)) where id = ?",
        order.id
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update payment_attempt set settle_at = utc_timestamp(6) where order_id = ? and state in ('creating', 'open')",
        order.id
    )
    .execute(connection)
    .await?;
    Ok(CancelOutcome::Wished)
}
