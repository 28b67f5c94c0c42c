//! Step 1 of a purchase, one transaction for all who wait: baskets become orders whose copies are held. Whoever cannot
//! have what is wanted gets a refusal that is stored under the same key, and the basket's next version.

mod baskets;
mod deal;
mod rows;

use std::collections::{BTreeSet, HashSet};

use database::{Database, is_duplicate};
use serde::Serialize;
use sqlx::MySqlConnection;
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::Error;
use crate::basket::BasketDelivery;
use crate::order::{self, OrderLink};
use crate::place::contact::Contact;
use crate::place::idempotency::{self, Key, Refusal};
use crate::place::token::Token;
use crate::purchase::Settings;
use crate::settle::attempt::NewAttempt;
use crate::settle::sale;
use crate::stock::copies::Copies;
use crate::stock::ledger::Movement;
use crate::stock::{self, Move};
use crate::till::Counter;
use crate::total::Total;
use crate::total::redeem::{Redeeming, Redemption};

/// An order as it is to be stored; every id is made before it stands in the queue.
pub(crate) struct NewOrder {
    pub id: Uuid,
    pub number: String,
    pub link: OrderLink,
    pub key: Key,
    pub fingerprint: [u8; 32],
    pub shopper: Uuid,
    pub basket: Uuid,
    pub version: u32,
    pub token: Token,
    pub total: Total,
    pub contact: Contact,
    pub delivery: BasketDelivery,
    pub redeems: Redemption,
    /// As it was typed, folded.
    pub discount_code: Option<String>,
    pub lines: Vec<NewLine>,
    pub hold_ends: PrimitiveDateTime,
    pub attempt: NewAttempt,
}

/// One of its lines, in the words and at the price that the shopper saw.
#[derive(Serialize)]
pub(crate) struct NewLine {
    pub edition: u64,
    pub title: String,
    pub quantity: i32,
    pub unit_price: i64,
    /// Its part of the order's discount.
    pub discount: i64,
}

/// What holding came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holding {
    /// The order is there and its copies are held.
    Held,
    /// The key or this version of the basket is taken; nothing was stored.
    Taken,
    /// Not all of it can be had. Stored under the key; the basket has a new version.
    Refused(Refusal),
}

/// Where orders are made.
pub(crate) struct HoldCounter {
    pub database: Database,
    /// For the letters of orders with nothing to pay.
    pub settings: Settings,
}

impl Counter for HoldCounter {
    type Entry = NewOrder;
    type Answer = Holding;
    type Key = Vec<u8>;

    fn keys(order: &NewOrder) -> impl Iterator<Item = Vec<u8>> {
        [order.basket.as_bytes().to_vec(), order.key.scoped(order.shopper)].into_iter()
    }

    async fn serve(&self, orders: &[&NewOrder]) -> Result<Vec<Holding>, Error> {
        self.database
            .retry(|| async {
                let mut tx = self.database.begin().await?;
                let result = hold(&mut tx, orders, &self.settings).await;
                // One key that is taken spoils the INSERT of all: alone it is an answer.
                if let (Err(Error::Database(database::Error::Sqlx(error))), [_]) = (&result, orders)
                    && is_duplicate(error)
                {
                    tx.roll_back().await;
                    return Ok(vec![Holding::Taken]);
                }
                tx.end_at("purchase::hold", result).await
            })
            .await
    }
}

/// In the order of locks: keys, baskets, the new rows, discount codes, gift cards, stock.
async fn hold(tx: &mut MySqlConnection, orders: &[&NewOrder], settings: &Settings) -> Result<Vec<Holding>, Error> {
    idempotency::insert(tx, orders).await?;
    let open = baskets::lock(tx, orders).await?;
    let mut answers: Vec<Holding> = orders
        .iter()
        .map(|order| if open.get(&order.basket) == Some(&order.version) { Holding::Held } else { Holding::Taken })
        .collect();
    let editions = editions_of(orders, &answers);
    // Whom the shelf could not serve a moment ago need not be written down first; under the lock everybody is looked
    // at again.
    let seen = stock::read(tx, &editions).await?;
    deal::refuse_unserved(orders, &mut answers, |edition| seen.get(&edition).map_or(0, |stock| stock.available()));
    let written = chosen(orders, &answers, |answer| *answer == Holding::Held);
    rows::insert(tx, &written).await?;
    baskets::take(tx, &written).await?;

    let wishes: Vec<&Redemption> = written.iter().map(|order| &order.redeems).collect();
    let mut redeeming = Redeeming::lock(tx, &wishes).await?;
    deal::refuse_unredeemed(orders, &mut answers, &mut redeeming);
    let redeemed = chosen(orders, &answers, |answer| *answer == Holding::Held);
    let mut locked = stock::lock(tx, &editions_of(orders, &answers)).await;
    if locked.is_err() && failpoint::defect("on_after_deadlock") {
        locked = stock::lock(tx, &editions_of(orders, &answers)).await;
    }
    let locked = locked?;
    deal::refuse_unserved(orders, &mut answers, |edition| locked.available(edition));
    let held = chosen(orders, &answers, |answer| *answer == Holding::Held);
    let held_ids: HashSet<Uuid> = held.iter().map(|order| order.id).collect();
    let is_held = |order: &NewOrder| held_ids.contains(&order.id);
    redeemed.iter().filter(|order| !is_held(order)).for_each(|order| redeeming.put_back(&order.redeems));
    deal::reconsider(orders, &mut answers, &mut redeeming, |edition| locked.available(edition));
    let moves: Vec<Move> = held.iter().flat_map(|order| moves(order)).collect();
    stock::change(tx, &locked, Movement::Held, &moves, "shopper").await?;
    let taken: Vec<&Redemption> = held.iter().map(|order| &order.redeems).collect();
    redeeming.hold(tx, &taken).await?;
    sell_what_costs_nothing(tx, &held, settings).await?;

    // All that follows is ours already, and waits for nobody.
    let gone: Vec<&NewOrder> = written.into_iter().filter(|order| !is_held(order)).collect();
    rows::delete(tx, &gone).await?;
    let refused: Vec<(&NewOrder, Refusal)> = orders
        .iter()
        .zip(&answers)
        .filter_map(|(order, answer)| match answer {
            Holding::Refused(refusal) => Some((*order, *refusal)),
            _ => None,
        })
        .collect();
    idempotency::refuse(tx, &refused).await?;
    baskets::reopen(tx, &refused.iter().map(|(order, _)| *order).collect::<Vec<_>>()).await?;
    idempotency::delete(tx, &chosen(orders, &answers, |answer| *answer == Holding::Taken)).await?;
    Ok(answers)
}

/// Orders that leave nothing to pay need no bank: they are sold in the transaction that holds them.
async fn sell_what_costs_nothing(
    tx: &mut MySqlConnection,
    held: &[&NewOrder],
    settings: &Settings,
) -> Result<(), Error> {
    let free: BTreeSet<Uuid> =
        held.iter().filter(|order| order.total.to_pay.minor() == 0).map(|order| order.id).collect();
    if free.is_empty() {
        return Ok(());
    }
    let locked = order::lock_all(tx, &free).await?;
    sale::sell_locked(tx, &locked.iter().collect::<Vec<_>>(), "shopper", settings).await
}

fn chosen<'a>(orders: &[&'a NewOrder], answers: &[Holding], which: impl Fn(&Holding) -> bool) -> Vec<&'a NewOrder> {
    orders.iter().zip(answers).filter(|(_, answer)| which(answer)).map(|(order, _)| *order).collect()
}

fn editions_of(orders: &[&NewOrder], answers: &[Holding]) -> BTreeSet<u64> {
    let held = chosen(orders, answers, |answer| *answer == Holding::Held);
    held.iter().flat_map(|order| &order.lines).map(|line| line.edition).collect()
}

fn moves(order: &NewOrder) -> impl Iterator<Item = Move> {
    order
        .lines
        .iter()
        .map(|line| Move { order: order.id, copies: Copies { edition: line.edition, quantity: line.quantity } })
}
