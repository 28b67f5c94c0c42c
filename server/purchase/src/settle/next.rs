//! One more attempt at an order's money, after one that came to nothing: with a key of its own, opened by the worker.

use sqlx::MySqlConnection;
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::Error;
use crate::money::{Currency, Money};
use crate::order::{self, OrderLink};
use crate::purchase::Purchase;
use crate::settle::attempt::{self, Attempt, AttemptState, AttemptStep};
use crate::settle::opening::Opening;

/// How much time the next attempt has, and when it begins.
pub(crate) struct Times {
    /// Until when the bank's page may be opened.
    pub create_until: PrimitiveDateTime,
    /// When the bank closes it.
    pub expires_at: PrimitiveDateTime,
    /// In so many seconds the worker opens it.
    pub begins_in: u32,
}

impl Purchase {
    /// The bank will never say more under this attempt's key. Its id was never stored, so it can take no money: it is
    /// closed in our books alone, and another one follows, which ends the order where the time or the will is over.
    pub(crate) async fn try_another_key(&self, attempt: &Attempt) -> Result<(), Error> {
        tracing::warn!(attempt = %attempt.id, "the bank has no use for this attempt's key: another one is tried");
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = self.replace(&mut tx, attempt).await;
                tx.end_at("purchase::next", result).await
            })
            .await
    }

    async fn replace(&self, tx: &mut MySqlConnection, attempt: &Attempt) -> Result<(), Error> {
        order::lock(tx, attempt.order_id).await?;
        let closed = AttemptStep::new(attempt.id, AttemptState::Creating, AttemptState::Closed);
        if attempt::step(tx, &[closed]).await? == 0 {
            return Ok(());
        }
        let row = sqlx::query!("select number, create_until, expires_at from payment_attempt where id = ?", attempt.id)
            .fetch_one(&mut *tx)
            .await?;
        // 2, 4, 8 … 60 seconds.
        let begins_in = 1_u32.checked_shl(row.number.into()).unwrap_or(60).min(60);
        let times = Times { create_until: row.create_until, expires_at: row.expires_at, begins_in };
        self.insert_next(tx, attempt.id, attempt.method.as_deref(), times).await
    }

    /// Writes the attempt down that follows on `before`, for the same money, under their order's lock.
    pub(crate) async fn insert_next(
        &self,
        tx: &mut MySqlConnection,
        before: Uuid,
        method: Option<&str>,
        times: Times,
    ) -> Result<(), Error> {
        let order = sqlx::query!(
            r#"
            select orders.id as "id: Uuid", orders.number, orders.link as "link: Uuid", orders.email,
                   orders.shipping, payment_attempt.amount, payment_attempt.currency
            from payment_attempt join orders on orders.id = payment_attempt.order_id where payment_attempt.id = ?
            "#,
            before
        )
        .fetch_one(&mut *tx)
        .await?;
        let currency = Currency::parse(&order.currency).ok_or(Error::Defect("an attempt has an unknown currency"))?;
        let (id, amount) = (Uuid::now_v7(), Money::new(order.amount, currency));
        let lines = sqlx::query!(
            "select title, quantity, unit_price from order_line where order_id = ? order by position",
            order.id
        )
        .fetch_all(&mut *tx)
        .await?;
        let body = self.opening_body(Opening {
            attempt: id,
            order_number: &order.number,
            link: OrderLink(order.link),
            email: &order.email,
            method,
            lines: lines.iter().map(|line| (line.title.as_str(), line.quantity, line.unit_price)).collect(),
            shipping: order.shipping,
            amount,
            expires_at: times.expires_at,
        });
        sqlx::query!(
            r#"
            insert into payment_attempt
                (id, order_id, number, amount, currency, method, body, create_until, expires_at, settle_at)
            select ?, order_id, number + 1, amount, currency, ?, ?, ?, ?, utc_timestamp(6) + interval ? second
            from payment_attempt where id = ?
            "#,
            id,
            method,
            body,
            times.create_until,
            times.expires_at,
            times.begins_in,
            before
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}
