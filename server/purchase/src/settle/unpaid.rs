//! The other end of an order: unpaid. Its copies go back to the shelf, its lines back to the shopper.

use database::Transaction;
use messages::ReturnReason;
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::basket;
use crate::order::{self, LockedOrder, OrderState, Step};
use crate::purchase::Purchase;
use crate::refund;
use crate::settle::anew;
use crate::settle::attempt::{self, Attempt, AttemptState, AttemptStep};
use crate::stock::copies::Copies;
use crate::stock::ledger::Movement;
use crate::stock::{self, Move};
use crate::total::redeem::{self, Redeemed};

/// How an order ends unpaid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End<'a> {
    pub state: OrderState,
    /// The bank's word for why it refused.
    pub decline_code: Option<&'a str>,
    /// The shopper had paid, too late, and gets the money back.
    pub was_too_late: bool,
}

impl End<'_> {
    pub(crate) fn of(state: OrderState) -> Self {
        Self { state, decline_code: None, was_too_late: false }
    }

    pub(crate) fn too_late(state: OrderState) -> Self {
        Self { was_too_late: true, ..Self::of(state) }
    }
}

/// How an order was about to end when the bank was asked to close its payment.
pub(crate) struct Intended {
    cancel_wished: bool,
    decline_code: Option<String>,
    came_too_late: bool,
}

impl Intended {
    pub(crate) fn end(&self) -> End<'_> {
        match &self.decline_code {
            _ if self.cancel_wished => End::of(OrderState::Cancelled),
            Some(code) => End { decline_code: Some(code), ..End::of(OrderState::Declined) },
            None if self.came_too_late => End::too_late(OrderState::Expired),
            None => End::of(OrderState::Expired),
        }
    }
}

impl Purchase {
    /// Writes down how an order is about to end, before the bank is asked to close its payment: whoever comes after us
    /// finds it closed, and no longer why.
    pub(crate) async fn intend(&self, attempt: &Attempt, end: &End<'_>) -> Result<(), Error> {
        if end.decline_code.is_none() && !end.was_too_late {
            return Ok(());
        }
        sqlx::query!(
            "update payment_attempt set decline_code = ?, came_too_late = ? where id = ? and state = 'open'",
            end.decline_code,
            end.was_too_late,
            attempt.id
        )
        .execute(self.database().pool())
        .await?;
        Ok(())
    }

    pub(crate) async fn intended(&self, attempt: &Attempt) -> Result<Intended, Error> {
        let intended = sqlx::query_as!(
            Intended,
            r#"
            select orders.cancel_wished_at is not null as "cancel_wished!: bool", payment_attempt.decline_code,
                   payment_attempt.came_too_late as "came_too_late: bool"
            from payment_attempt join orders on orders.id = payment_attempt.order_id where payment_attempt.id = ?
            "#,
            attempt.id
        )
        .fetch_one(self.database().pool())
        .await?;
        Ok(intended)
    }

    /// Ends an order whose payment the bank has closed (or never opened), in one transaction. An order that has
    /// ended otherwise meanwhile stays as it is.
    pub(crate) async fn end_unpaid(&self, attempt: &Attempt, end: End<'_>) -> Result<(), Error> {
        let ended = self
            .database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = end_unpaid(&mut tx, &self.settings().public_url, attempt, end).await;
                tx.end_at("purchase::unpaid", result).await
            })
            .await?;
        if end.was_too_late || ended == Some(OrderState::Reversed) {
            self.wake_relay();
        }
        if let Some(end) = ended {
            tracing::info!(order = %attempt.order_id, end = end.as_str(), "purchase.unpaid");
        }
        Ok(())
    }

    /// Releases the copies of an order that the bank is silent about; the order keeps its lines until the bank
    /// has spoken. Returns whether it was held until now.
    pub(crate) async fn release_in_doubt(&self, attempt: &Attempt) -> Result<bool, Error> {
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = async {
                    let locked = order::lock(&mut tx, attempt.order_id).await?;
                    if locked.state != OrderState::AwaitingPayment {
                        return Ok(false);
                    }
                    order::step(&mut tx, &[Step::next(&locked, OrderState::InDoubt)?], "worker").await?;
                    redeem::end(&mut tx, &[&locked], Redeemed::Released, "worker").await?;
                    release_holds(&mut tx, &locked).await?;
                    Ok(true)
                }
                .await;
                tx.end(result).await
            })
            .await
    }
}

/// Returns how the order has ended, if this did it.
async fn end_unpaid(
    tx: &mut Transaction,
    public_url: &str,
    attempt: &Attempt,
    end: End<'_>,
) -> Result<Option<OrderState>, Error> {
    let order = sqlx::query!(
        r#"select basket_id as "basket: Uuid", shopper_id as "shopper: Uuid" from orders where id = ?"#,
        attempt.order_id
    )
    .fetch_one(&mut **tx)
    .await?;
    // Baskets are locked before orders: the one that was ordered, and the one that the shopper uses by now.
    let shopper = current_shopper(tx, order.shopper).await?;
    let other = basket::open_id(tx, shopper).await?;
    let mut baskets: Vec<Uuid> = other.into_iter().chain([order.basket]).collect();
    baskets.sort_unstable();
    for basket in baskets {
        basket::lock(tx, basket).await?;
    }
    let locked = order::lock(tx, attempt.order_id).await?;
    let closed = AttemptStep {
        decline_code: end.decline_code.map(ToOwned::to_owned),
        ..AttemptStep::new(attempt.id, attempt.state, AttemptState::Closed)
    };
    if attempt::step(tx, &[closed]).await? == 0 {
        if failpoint::defect("unguarded_release") {
            sqlx::query("update hold set state = 'held' where order_id = ?").bind(locked.id).execute(&mut **tx).await?;
            release_holds(tx, &locked).await?;
        }
        return Ok(None);
    }
    if end.was_too_late {
        refund::tell(tx, attempt.order_id, attempt.id, locked.total - locked.gift_card, ReturnReason::TooLate).await?;
    }
    let end = match locked.state {
        OrderState::AwaitingPayment => end.state,
        // An order in doubt has only one end without money.
        OrderState::InDoubt => OrderState::Expired,
        OrderState::Paid => {
            anew::reverse(tx, public_url, &locked, attempt.id).await?;
            return Ok(Some(OrderState::Reversed));
        }
        _ => return Ok(None),
    };
    order::step(tx, &[Step::next(&locked, end)?], "worker").await?;
    give_lines_back(tx, &locked, shopper).await?;
    if locked.state == OrderState::AwaitingPayment {
        redeem::end(tx, &[&locked], Redeemed::Released, "worker").await?;
    }
    release_holds(tx, &locked).await?;
    Ok(Some(end))
}

/// The same basket opens again; where the shopper shops with another one by now, the lines are added to that.
async fn give_lines_back(tx: &mut Transaction, order: &LockedOrder, shopper: Uuid) -> Result<(), Error> {
    let own = shopper == order.shopper_id && basket::open_id(tx, shopper).await?.is_none();
    if own && basket::reopen(tx, order.basket_id, order.basket_version).await? {
        return Ok(());
    }
    let into = basket::lock_open(tx, shopper).await?.id;
    basket::take_over(tx, order.basket_id, into).await
}

/// A guest who has signed in meanwhile shops with the account's basket.
async fn current_shopper(connection: &mut MySqlConnection, shopper: Uuid) -> Result<Uuid, Error> {
    let account = sqlx::query!(
        r#"
        select customer.shopper_id as "id: Uuid"
        from shopper join customer on customer.id = shopper.customer_id where shopper.id = ?
        "#,
        shopper
    )
    .fetch_optional(connection)
    .await?;
    Ok(account.map_or(shopper, |account| account.id))
}

async fn release_holds(tx: &mut Transaction, order: &LockedOrder) -> Result<(), Error> {
    let copies: Vec<Copies> = sqlx::query_as!(
        Copies,
        r#"
        select edition_id as edition, quantity from hold
        where order_id = ? and state = 'held' order by edition_id for update
        "#,
        order.id
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update hold set state = 'released', ended_at = utc_timestamp(6) where order_id = ? and state = 'held'",
        order.id
    )
    .execute(&mut **tx)
    .await?;
    let moves: Vec<Move> = copies.into_iter().map(|copies| Move { order: order.id, copies }).collect();
    stock::lock_and_change(tx, Movement::Released, &moves, "worker").await
}
