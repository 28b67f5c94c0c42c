//! What staff give back of an order's money, of the shop's own accord: a part of it or all. The order stays as it is.

use uuid::Uuid;

use crate::Error;
use crate::money::{Currency, Money};
use crate::order;
use crate::payment::Bank;
use crate::purchase::Purchase;
use crate::refund::{self, OwedState};

/// Money that is to be given back.
#[derive(Clone, Debug)]
pub struct RefundOrder {
    /// Whoever asks makes it, and brings the same one when asking again: it is given back once.
    pub id: Uuid,
    /// The order's number.
    pub order: String,
    /// All that is left without it.
    pub amount: Option<Money>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// So much is owed, now or since an earlier call with this id; the worker gives it back once the money was taken.
    Owed(Money),
    /// There is no such order.
    Unknown,
    /// The order has no money to give back.
    NotPaid,
    /// Less than can be given back, more than is left, or of another currency.
    BadAmount {
        /// What is left of what was paid.
        left: Money,
    },
    /// It was asked for before, and could not be given back.
    Failed,
    /// The id stands for another amount, or for another order's money.
    IdReused,
}

impl Purchase {
    /// Owes money back. Never more than was paid, and once for each id.
    ///
    /// # Errors
    /// When the database fails; the same may then be asked again.
    pub async fn refund_order(&self, wish: &RefundOrder) -> Result<RefundOutcome, Error> {
        let outcome = self
            .database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = refund_order(&mut tx, self.bank(), wish).await;
                tx.end_at("purchase::refund_order", result).await
            })
            .await?;
        if matches!(outcome, RefundOutcome::Owed(_)) {
            self.wake_worker();
        }
        Ok(outcome)
    }
}

async fn refund_order(
    connection: &mut sqlx::MySqlConnection,
    bank: &dyn Bank,
    wish: &RefundOrder,
) -> Result<RefundOutcome, Error> {
    let order = sqlx::query!(r#"select id as "id: Uuid", currency from orders where number = ?"#, wish.order)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(order) = order else { return Ok(RefundOutcome::Unknown) };
    let currency = Currency::parse(&order.currency).ok_or(Error::Defect("an order has an unknown currency"))?;
    let locked = order::lock(connection, order.id).await?;
    let known = sqlx::query!(
        r#"select order_id as "order: Uuid", amount, state as "state: OwedState" from refund where id = ?"#,
        wish.id
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(known) = known {
        let known_amount = Money::new(known.amount, currency);
        let is_same = known.order == locked.id && wish.amount.is_none_or(|amount| amount == known_amount);
        return Ok(match known.state {
            _ if !is_same => RefundOutcome::IdReused,
            OwedState::Failed => RefundOutcome::Failed,
            OwedState::Owed | OwedState::Pending | OwedState::Done => RefundOutcome::Owed(known_amount),
        });
    }
    let is_own_currency = wish.amount.is_none_or(|amount| amount.currency() == currency);
    let amount = wish.amount.map(Money::minor);
    if is_own_currency && let Some(owed) = refund::owe(connection, bank, &locked, wish.id, amount, "staff").await? {
        return Ok(RefundOutcome::Owed(owed));
    }
    let left = sqlx::query_scalar!(
        "select amount - refunded from payment_attempt where order_id = ? and state in ('authorised', 'captured')",
        locked.id
    )
    .fetch_optional(connection)
    .await?;
    Ok(match left {
        Some(left) => RefundOutcome::BadAmount { left: Money::new(left, currency) },
        None => RefundOutcome::NotPaid,
    })
}
