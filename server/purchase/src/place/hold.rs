//! Step 1 of a purchase, one transaction for all who wait: baskets become orders whose copies are held. Whoever cannot
//! have what is wanted gets a refusal that is stored under the same key, and the basket's next version.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use database::{Database, is_duplicate};
use serde::Serialize;
use sqlx::MySqlConnection;
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::Error;
use crate::list::{self, Hex};
use crate::money::Money;
use crate::order::{self, OrderLink, Step};
use crate::place::contact::Contact;
use crate::place::idempotency::{self, Key, Refusal};
use crate::place::token::Token;
use crate::settle::attempt::{self, NewAttempt};
use crate::stock::copies::Copies;
use crate::stock::ledger::Movement;
use crate::stock::{self, Move};
use crate::till::Counter;

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
    pub total: Money,
    pub contact: Contact,
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
}

/// What holding came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holding {
    /// The order is there and its copies are held.
    Held,
    /// The key or this version of the basket is taken; nothing was stored.
    Taken,
    /// Too few copies are left. Stored under the key; the basket has a new version.
    Refused(Refusal),
}

/// Where orders are made.
pub(crate) struct HoldCounter {
    pub database: Database,
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
                let result = hold(&mut tx, orders).await;
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

/// In the order of locks: keys, baskets, the new rows, stock.
async fn hold(tx: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<Vec<Holding>, Error> {
    idempotency::insert(tx, orders).await?;
    let open = lock_baskets(tx, orders).await?;
    let mut answers: Vec<Holding> = orders
        .iter()
        .map(|order| if open.get(&order.basket) == Some(&order.version) { Holding::Held } else { Holding::Taken })
        .collect();
    let editions = editions_of(orders, &answers);
    // Whom the shelf could not serve a moment ago need not be written down first; under the lock everybody is looked
    // at again.
    let seen = stock::read(tx, &editions).await?;
    refuse_unserved(orders, &mut answers, |edition| seen.get(&edition).map_or(0, |stock| stock.available()));
    let written = chosen(orders, &answers, |answer| *answer == Holding::Held);
    insert(tx, &written).await?;
    take_baskets(tx, &written).await?;

    let mut locked = stock::lock(tx, &editions_of(orders, &answers)).await;
    if locked.is_err() && failpoint::defect("on_after_deadlock") {
        locked = stock::lock(tx, &editions_of(orders, &answers)).await;
    }
    let locked = locked?;
    refuse_unserved(orders, &mut answers, |edition| locked.available(edition));
    reconsider(orders, &mut answers, |edition| locked.available(edition));
    let held = chosen(orders, &answers, |answer| *answer == Holding::Held);
    let moves: Vec<Move> = held.iter().flat_map(|order| moves(order)).collect();
    stock::change(tx, &locked, Movement::Held, &moves, "shopper").await?;

    // All that follows is ours already, and waits for nobody.
    let gone: Vec<&NewOrder> =
        written.into_iter().filter(|order| held.iter().all(|held| held.id != order.id)).collect();
    delete(tx, &gone).await?;
    let refused: Vec<(&NewOrder, Refusal)> = orders
        .iter()
        .zip(&answers)
        .filter_map(|(order, answer)| match answer {
            Holding::Refused(refusal) => Some((*order, *refusal)),
            _ => None,
        })
        .collect();
    idempotency::refuse(tx, &refused).await?;
    reopen_baskets(tx, &refused).await?;
    idempotency::delete(tx, &chosen(orders, &answers, |answer| *answer == Holding::Taken)).await?;
    Ok(answers)
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

/// Deals copies out in order of arrival; an order whose lines are not all there takes none.
fn refuse_unserved(orders: &[&NewOrder], answers: &mut [Holding], available: impl Fn(u64) -> i32) {
    let mut left: HashMap<u64, i32> = HashMap::new();
    for (order, answer) in orders.iter().zip(answers).filter(|(_, answer)| **answer == Holding::Held) {
        let mut wanted: BTreeMap<u64, i32> = BTreeMap::new();
        for line in &order.lines {
            *wanted.entry(line.edition).or_default() += line.quantity;
        }
        let mut left_of = |edition: u64| *left.entry(edition).or_insert_with(|| available(edition));
        let missing = wanted.iter().find(|(edition, quantity)| left_of(**edition) < **quantity);
        if let Some((edition, _)) = missing {
            let left = left_of(*edition);
            *answer = Holding::Refused(Refusal::SoldOut { edition: *edition, left });
        } else {
            for (edition, quantity) in wanted {
                left.entry(edition).and_modify(|left| *left -= quantity);
            }
        }
    }
}

/// Who was refused for the sake of somebody who has turned out to get nothing is to look again. Of an edition that is
/// not locked nothing is `available`: nobody was to get it.
fn reconsider(orders: &[&NewOrder], answers: &mut [Holding], available: impl Fn(u64) -> i32) {
    let wanted = |order: &NewOrder, edition: u64| -> i32 {
        order.lines.iter().filter(|line| line.edition == edition).map(|line| line.quantity).sum()
    };
    let held = chosen(orders, answers, |answer| *answer == Holding::Held);
    for (order, answer) in orders.iter().zip(answers) {
        let Holding::Refused(Refusal::SoldOut { edition, .. }) = *answer else { continue };
        let taken: i32 = held.iter().map(|order| wanted(order, edition)).sum();
        if available(edition) - taken >= wanted(order, edition) {
            *answer = Holding::Taken;
        }
    }
}

/// Locks the baskets in the order of their ids and tells the versions of the open ones.
async fn lock_baskets(tx: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<HashMap<Uuid, u32>, Error> {
    let baskets: BTreeSet<Uuid> = orders.iter().map(|order| order.basket).collect();
    let rows = sqlx::query!(
        r#"
        select basket.id as "id: Uuid", basket.version, basket.state = 'open' as "open!: bool"
        from (select unhex(list.id) as id from json_table(?, '$[*]' columns (id char(32) path '$')) as list
              limit 1000000) as wanted
             straight_join basket force index (primary) on basket.id = wanted.id
        for update
        "#,
        list::of_ids(&baskets)?
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().filter(|row| row.open).map(|row| (row.id, row.version)).collect())
}

async fn take_baskets(tx: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<(), Error> {
    if orders.is_empty() {
        return Ok(());
    }
    let taken = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (id char(32) path '$')) as list
               straight_join basket force index (primary) on basket.id = unhex(list.id)
        set basket.state = 'ordered' where basket.state = 'open'
        "#,
        list::of_ids(orders.iter().map(|order| &order.basket))?
    )
    .execute(tx)
    .await?;
    if taken.rows_affected() != orders.len() as u64 {
        return Err(Error::Defect("a basket changed under its lock"));
    }
    Ok(())
}

/// A refused form's page shows the basket anew, with another token.
async fn reopen_baskets(tx: &mut MySqlConnection, refused: &[(&NewOrder, Refusal)]) -> Result<(), Error> {
    if refused.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (id char(32) path '$')) as list
               straight_join basket force index (primary) on basket.id = unhex(list.id)
        set basket.state = 'open', basket.version = basket.version + 1
        "#,
        list::of_ids(refused.iter().map(|(order, _)| &order.basket))?
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct OrderRow<'a> {
    id: Hex<'a>,
    number: &'a str,
    link: Hex<'a>,
    shopper: Hex<'a>,
    basket: Hex<'a>,
    version: u32,
    token: Hex<'a>,
    total: i64,
    currency: &'static str,
    email: &'a str,
    name: &'a str,
    street: &'a str,
    postcode: &'a str,
    city: &'a str,
    country: &'a str,
}

#[derive(Serialize)]
struct LineRow<'a> {
    order: Hex<'a>,
    position: usize,
    #[serde(flatten)]
    line: &'a NewLine,
    hold_ends: String,
}

async fn insert(tx: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<(), Error> {
    if orders.is_empty() {
        return Ok(());
    }
    let rows: Vec<OrderRow<'_>> = orders
        .iter()
        .map(|order| OrderRow {
            id: Hex(order.id.as_bytes()),
            number: &order.number,
            link: Hex(order.link.0.as_bytes()),
            shopper: Hex(order.shopper.as_bytes()),
            basket: Hex(order.basket.as_bytes()),
            version: order.version,
            token: Hex(order.token.as_bytes()),
            total: order.total.minor(),
            currency: order.total.currency().code(),
            email: &order.contact.email,
            name: &order.contact.name,
            street: &order.contact.street,
            postcode: &order.contact.postcode,
            city: &order.contact.city,
            country: &order.contact.country,
        })
        .collect();
    sqlx::query!(
        r#"
        insert into orders (id, number, link, shopper_id, basket_id, basket_version, token, state, total, currency,
                            email, name, street, postcode, city, country)
        select unhex(list.id), list.number, unhex(list.link), unhex(list.shopper), unhex(list.basket), list.version,
               unhex(list.token), 'awaiting_payment', list.total, list.currency, list.email, list.name, list.street,
               list.postcode, list.city, list.country
        from json_table(?, '$[*]' columns (
                 id char(32) path '$.id', number char(9) path '$.number', link char(32) path '$.link',
                 shopper char(32) path '$.shopper', basket char(32) path '$.basket',
                 version int unsigned path '$.version', token char(64) path '$.token', total bigint path '$.total',
                 currency char(3) path '$.currency', email varchar(254) path '$.email',
                 name varchar(200) path '$.name', street varchar(200) path '$.street',
                 postcode varchar(20) path '$.postcode', city varchar(120) path '$.city',
                 country char(2) path '$.country')) as list
        "#,
        list::of(&rows)?
    )
    .execute(&mut *tx)
    .await?;
    let mut lines = Vec::new();
    for order in orders {
        let hold_ends = list::moment(order.hold_ends)?;
        lines.extend(order.lines.iter().enumerate().map(|(position, line)| LineRow {
            order: Hex(order.id.as_bytes()),
            position,
            line,
            hold_ends: hold_ends.clone(),
        }));
    }
    let lines = list::of(&lines)?;
    sqlx::query!(
        r#"
        insert into order_line (order_id, edition_id, position, title, quantity, unit_price)
        select unhex(list.order_id), list.edition_id, list.position, list.title, list.quantity, list.unit_price
        from json_table(?, '$[*]' columns (
                 order_id char(32) path '$.order', edition_id bigint unsigned path '$.edition',
                 position smallint unsigned path '$.position', title varchar(500) path '$.title',
                 quantity int path '$.quantity', unit_price bigint path '$.unit_price')) as list
        "#,
        lines
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"
        insert into hold (order_id, edition_id, quantity, expires_at)
        select unhex(list.order_id), list.edition_id, list.quantity, list.hold_ends
        from json_table(?, '$[*]' columns (
                 order_id char(32) path '$.order', edition_id bigint unsigned path '$.edition',
                 quantity int path '$.quantity', hold_ends datetime(6) path '$.hold_ends')) as list
        "#,
        lines
    )
    .execute(&mut *tx)
    .await?;
    let steps: Vec<Step> = orders.iter().map(|order| Step::first(order.id)).collect();
    order::write_events(tx, &steps, "shopper").await?;
    attempt::insert(tx, &orders.iter().map(|order| &order.attempt).collect::<Vec<_>>()).await
}

/// Takes the rows of orders away again that were written in this transaction.
async fn delete(tx: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<(), Error> {
    if orders.is_empty() {
        return Ok(());
    }
    let ids = list::of_ids(orders.iter().map(|order| &order.id))?;
    sqlx::query!(
        r#"
        delete payment_attempt, order_event, hold, order_line
        from json_table(?, '$[*]' columns (id char(32) path '$')) as list
             straight_join order_line on order_line.order_id = unhex(list.id)
             straight_join hold on hold.order_id = order_line.order_id and hold.edition_id = order_line.edition_id
             straight_join order_event on order_event.order_id = order_line.order_id
             straight_join payment_attempt on payment_attempt.order_id = order_line.order_id
        "#,
        ids
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"
        delete orders from json_table(?, '$[*]' columns (id char(32) path '$')) as list
             straight_join orders force index (primary) on orders.id = unhex(list.id)
        "#,
        ids
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}
