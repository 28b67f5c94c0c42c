//! Step 3 of a purchase, one transaction for all who wait: authorised orders become sold ones, and their confirmations
//! are owed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use database::Database;
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::list;
use crate::order::{self, LockedOrder, OrderState, Step};
use crate::purchase::{Purchase, Settings};
use crate::settle::attempt::{self, Attempt, AttemptState, AttemptStep};
use crate::settle::confirmation;
use crate::stock;
use crate::stock::ledger::Movement;
use crate::till::Counter;
use crate::total::redeem::{self, Redeemed};

/// What became of a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sale {
    /// Sold, by this call.
    Sold,
    /// Sold earlier, by another.
    AlreadyDone,
    /// Not sold: its copies were released while the bank was silent.
    InDoubt,
    /// Not to be sold: the shopper wants it cancelled, or it has ended. The order is to end like this.
    NotWanted(OrderState),
}

/// Money that the bank has set aside for an order.
pub(crate) struct Authorised {
    attempt: Uuid,
    order: Uuid,
    intent: String,
}

/// Where orders are sold.
pub(crate) struct SaleCounter {
    pub database: Database,
    /// For the letters.
    pub settings: Settings,
}

impl Purchase {
    /// Sells what the order holds, for the money of `intent`. Whoever hears first that the bank has authorised
    /// does it; the states of order, attempt and holds keep the others out.
    pub(crate) async fn sell(&self, attempt: &Attempt, intent: &str) -> Result<Sale, Error> {
        let authorised = Authorised { attempt: attempt.id, order: attempt.order_id, intent: intent.to_owned() };
        let sale = self.tills().sales.ask(authorised).await?;
        tracing::info!(order = %attempt.order_id, outcome = ?sale, "purchase.sale");
        Ok(sale)
    }
}

impl Counter for SaleCounter {
    type Entry = Authorised;
    type Answer = Sale;
    type Key = Uuid;

    fn keys(authorised: &Authorised) -> impl Iterator<Item = Uuid> {
        std::iter::once(authorised.order)
    }

    async fn serve(&self, authorised: &[&Authorised]) -> Result<Vec<Sale>, Error> {
        self.database
            .retry(|| async {
                let mut tx = self.database.begin().await?;
                let result = self.sell(&mut tx, authorised).await;
                tx.end_at("purchase::sale", result).await
            })
            .await
    }
}

impl SaleCounter {
    /// In the order of locks: orders with their attempts and holds, the outbox, stock.
    async fn sell(&self, tx: &mut MySqlConnection, authorised: &[&Authorised]) -> Result<Vec<Sale>, Error> {
        let ids: BTreeSet<Uuid> = authorised.iter().map(|entry| entry.order).collect();
        let orders: HashMap<Uuid, LockedOrder> =
            order::lock_all(tx, &ids).await?.into_iter().map(|order| (order.id, order)).collect();
        let open = open_attempts(tx, authorised).await?;
        let sales = authorised
            .iter()
            .map(|entry| {
                let order = orders.get(&entry.order).ok_or(Error::Defect("a payment of an order that is not there"))?;
                Ok(judge(order, open.contains(&entry.attempt)))
            })
            .collect::<Result<Vec<Sale>, Error>>()?;
        let sold: BTreeMap<Uuid, &Authorised> = authorised
            .iter()
            .zip(&sales)
            .filter(|(_, sale)| **sale == Sale::Sold)
            .map(|(entry, _)| (entry.order, *entry))
            .collect();
        if sold.is_empty() {
            return Ok(sales);
        }
        let steps: Vec<AttemptStep> = sold
            .values()
            .map(|entry| AttemptStep {
                intent: Some(entry.intent.clone()),
                ..AttemptStep::new(entry.attempt, AttemptState::Open, AttemptState::Authorised)
            })
            .collect();
        if attempt::step(tx, &steps).await? != sold.len() as u64 {
            return Err(Error::Defect("an attempt changed under its lock"));
        }
        let sold: Vec<&LockedOrder> = sold.keys().filter_map(|id| orders.get(id)).collect();
        sell_locked(tx, &sold, "bank", &self.settings).await?;
        Ok(sales)
    }
}

/// Sells locked orders, whose money is there, by whom: in the order of locks, their holds, what they redeem, their
/// confirmations, their copies.
pub(crate) async fn sell_locked(
    tx: &mut MySqlConnection,
    orders: &[&LockedOrder],
    by: &str,
    settings: &Settings,
) -> Result<(), Error> {
    let steps = orders.iter().map(|order| Step::next(order, OrderState::Paid)).collect::<Result<Vec<_>, _>>()?;
    order::step(tx, &steps, by).await?;
    let ids = orders.iter().map(|order| &order.id);
    let (letters, moves) = confirmation::letters(tx, ids.clone(), settings).await?;
    if end_holds(tx, &list::of_ids(ids)?).await? != moves.len() as u64 {
        return Err(Error::Defect("an order that awaits payment without its holds"));
    }
    redeem::end(tx, orders, Redeemed::Spent, by).await?;
    outbox::insert(tx, &letters).await?;
    stock::lock_and_change(tx, Movement::Sold, &moves, by).await
}

fn judge(order: &LockedOrder, attempt_is_open: bool) -> Sale {
    match order.state {
        OrderState::AwaitingPayment if order.cancel_wished => Sale::NotWanted(OrderState::Cancelled),
        OrderState::AwaitingPayment if attempt_is_open => Sale::Sold,
        OrderState::AwaitingPayment | OrderState::Paid | OrderState::Refunded | OrderState::Reversed => {
            Sale::AlreadyDone
        }
        OrderState::InDoubt => Sale::InDoubt,
        ended @ (OrderState::Expired | OrderState::Cancelled | OrderState::Declined) => Sale::NotWanted(ended),
    }
}

/// Locks the attempts and tells which of them are open.
async fn open_attempts(tx: &mut MySqlConnection, authorised: &[&Authorised]) -> Result<BTreeSet<Uuid>, Error> {
    let ids: BTreeSet<Uuid> = authorised.iter().map(|entry| entry.attempt).collect();
    let open = sqlx::query!(
        r#"
        select payment_attempt.id as "id: Uuid"
        from (select unhex(list.id) as id from json_table(?, '$[*]' columns (id char(32) path '$')) as list
              limit 1000000) as wanted
             straight_join payment_attempt force index (primary) on payment_attempt.id = wanted.id
        where payment_attempt.state = 'open'
        for update
        "#,
        list::of_ids(&ids)?
    )
    .fetch_all(tx)
    .await?;
    Ok(open.into_iter().map(|row| row.id).collect())
}

async fn end_holds(tx: &mut MySqlConnection, ids: &str) -> Result<u64, Error> {
    let ended = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (id char(32) path '$')) as list
               straight_join hold force index (primary) on hold.order_id = unhex(list.id)
        set hold.state = 'sold', hold.ended_at = utc_timestamp(6) where hold.state = 'held'
        "#,
        ids
    )
    .execute(tx)
    .await?;
    Ok(ended.rows_affected())
}
