//! A shopper's wish to cancel.
//!
//! While a payment may yet be made it is written on the order, and carried out by the worker once the bank has closed the
//! payment; else the sold order ends at once, its copies are taken in again, and its money is owed back.

use identity::OrderHolder;
use messages::ReturnReason;
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::order::{self, LockedOrder, OrderState, Step};
use crate::payment::Bank;
use crate::purchase::Purchase;
use crate::refund;
use crate::settle::anew;
use crate::stock::copies::Copies;
use crate::stock::ledger::Movement;
use crate::stock::{self, Move};
use crate::total::redeem::{self, Redeemed};

/// What became of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// The order is being cancelled, or was before.
    Wished,
    /// It was paid: the money goes back, or has gone back.
    Refunded,
    /// It has ended otherwise.
    TooLate,
    /// There is no such order.
    Unknown,
}

impl Purchase {
    /// Cancels the order that this caller holds the link to, once however often it is asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_order(&self, holder: OrderHolder) -> Result<CancelOutcome, Error> {
        let outcome = self
            .database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = cancel(&mut tx, self.bank(), holder).await;
                tx.end_at("purchase::cancel", result).await
            })
            .await?;
        if matches!(outcome, CancelOutcome::Wished | CancelOutcome::Refunded) {
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

    pub(crate) async fn is_refunded(&self, order: Uuid) -> Result<bool, Error> {
        let refunded =
            sqlx::query_scalar!(r#"select state = 'refunded' as "refunded!: bool" from orders where id = ?"#, order)
                .fetch_one(self.database().pool())
                .await?;
        Ok(refunded)
    }
}

async fn cancel(
    connection: &mut MySqlConnection,
    bank: &dyn Bank,
    holder: OrderHolder,
) -> Result<CancelOutcome, Error> {
    let order = sqlx::query!(r#"select id as "id: Uuid" from orders where link = ?"#, holder.link())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(order) = order else { return Ok(CancelOutcome::Unknown) };
    let order = order::lock(connection, order.id).await?;
    match order.state {
        OrderState::AwaitingPayment | OrderState::InDoubt => wish(connection, order.id).await,
        OrderState::Cancelled => Ok(CancelOutcome::Wished),
        OrderState::Paid if anew::is_awaited(connection, order.id).await? => wish(connection, order.id).await,
        OrderState::Paid => take_back(connection, bank, &order).await,
        OrderState::Refunded => Ok(CancelOutcome::Refunded),
        OrderState::Reversed => Ok(CancelOutcome::Wished),
        OrderState::Expired | OrderState::Declined => Ok(CancelOutcome::TooLate),
    }
}

async fn wish(connection: &mut MySqlConnection, order: Uuid) -> Result<CancelOutcome, Error> {
    sqlx::query!(
        "update orders set cancel_wished_at = coalesce(cancel_wished_at, utc_timestamp(6)) where id = ?",
        order
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update payment_attempt set settle_at = utc_timestamp(6) where order_id = ? and state in ('creating', 'open')",
        order
    )
    .execute(connection)
    .await?;
    Ok(CancelOutcome::Wished)
}

/// In the order of locks: the order, its payment, what it redeemed, the outbox, stock.
async fn take_back(
    connection: &mut MySqlConnection,
    bank: &dyn Bank,
    order: &LockedOrder,
) -> Result<CancelOutcome, Error> {
    order::step(connection, &[Step::next(order, OrderState::Refunded)?], "shopper").await?;
    refund::owe(connection, bank, order, Uuid::now_v7(), None, "shopper").await?;
    return_redeemed(connection, order, "shopper").await?;
    return_copies(connection, order, "shopper").await?;
    Ok(CancelOutcome::Refunded)
}

/// Puts back what a sold and locked order has redeemed, and says so.
pub(crate) async fn return_redeemed(
    connection: &mut MySqlConnection,
    order: &LockedOrder,
    by: &str,
) -> Result<(), Error> {
    redeem::end(connection, &[order], Redeemed::GivenBack, by).await?;
    if order.gift_card > 0 {
        refund::tell(connection, order.id, order.id, order.gift_card, ReturnReason::OnGiftCard).await?;
    }
    Ok(())
}

/// Takes in again what a locked order was sold.
pub(crate) async fn return_copies(
    connection: &mut MySqlConnection,
    order: &LockedOrder,
    by: &str,
) -> Result<(), Error> {
    let copies = sqlx::query_as!(
        Copies,
        "select edition_id as edition, quantity from order_line where order_id = ? order by edition_id",
        order.id
    )
    .fetch_all(&mut *connection)
    .await?;
    let moves: Vec<Move> = copies.into_iter().map(|copies| Move { order: order.id, copies }).collect();
    stock::lock_and_change(connection, Movement::Returned, &moves, by).await
}
