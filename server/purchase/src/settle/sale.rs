//! Step 3 of a purchase, one transaction for all who wait: authorised orders become sold ones, and their confirmations
//! are owed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use database::Database;
use messages::{Line, Message, OrderConfirmed};
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::list;
use crate::order::{self, LockedOrder, OrderLink, OrderState, Step};
use crate::place::contact::country_name;
use crate::purchase::Purchase;
use crate::settle::attempt::{self, Attempt, AttemptState, AttemptStep};
use crate::stock::copies::Copies;
use crate::stock::ledger::Movement;
use crate::stock::{self, Move};
use crate::till::Counter;

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
    /// The shop's own address, for the letters.
    pub public_url: String,
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
        let steps = sold
            .keys()
            .filter_map(|id| Some(Step::next(orders.get(id)?, OrderState::Paid)))
            .collect::<Result<Vec<_>, _>>()?;
        order::step(tx, &steps, "bank").await?;
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
        let ids = list::of_ids(sold.keys())?;
        let (letters, moves) = self.letters(tx, &ids).await?;
        if end_holds(tx, &ids).await? != moves.len() as u64 {
            return Err(Error::Defect("an order that awaits payment without its holds"));
        }
        outbox::insert(tx, &letters).await?;
        stock::lock_and_change(tx, Movement::Sold, &moves, "bank").await?;
        Ok(sales)
    }

    /// The confirmations of these orders, and the copies that they take.
    async fn letters(&self, tx: &mut MySqlConnection, ids: &str) -> Result<(Vec<(Uuid, Message)>, Vec<Move>), Error> {
        let orders = sqlx::query!(
            r#"
            select orders.id as "id: Uuid", orders.number, orders.link as "link: Uuid", orders.total, orders.currency,
                   orders.email, orders.name, orders.street, orders.postcode, orders.city, orders.country
            from json_table(?, '$[*]' columns (id char(32) path '$')) as list
                 straight_join orders force index (primary) on orders.id = unhex(list.id)
            "#,
            ids
        )
        .fetch_all(&mut *tx)
        .await?;
        let rows = sqlx::query!(
            r#"
            select order_line.order_id as "order_id: Uuid", order_line.edition_id, order_line.title,
                   order_line.quantity, order_line.unit_price
            from json_table(?, '$[*]' columns (id char(32) path '$')) as list
                 straight_join order_line force index (primary) on order_line.order_id = unhex(list.id)
            order by order_line.order_id, order_line.position
            "#,
            ids
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut moves = Vec::with_capacity(rows.len());
        let mut lines: HashMap<Uuid, Vec<Line>> = HashMap::with_capacity(orders.len());
        for row in rows {
            let copies = Copies { edition: row.edition_id, quantity: row.quantity };
            moves.push(Move { order: row.order_id, copies });
            lines.entry(row.order_id).or_default().push(Line {
                title: row.title,
                quantity: row.quantity.unsigned_abs(),
                unit_price: row.unit_price,
                total: row
                    .unit_price
                    .checked_mul(i64::from(row.quantity))
                    .ok_or(Error::Defect("an ordered line's total overflows"))?,
            });
        }
        let letters = orders.into_iter().map(|order| {
            let letter = OrderConfirmed {
                order_number: order.number,
                order_url: format!("{}/order/{}", self.public_url, OrderLink(order.link)),
                email: order.email,
                name: order.name.clone(),
                address: vec![
                    order.name,
                    order.street,
                    format!("{} {}", order.postcode, order.city),
                    country_name(&order.country).to_owned(),
                ],
                lines: lines.remove(&order.id).unwrap_or_default(),
                total: order.total,
                currency: order.currency,
            };
            (order.id, Message::OrderConfirmed(letter))
        });
        let letters = letters.collect();
        Ok((letters, moves))
    }
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
