//! The stock rows: the last thing that a transaction locks.
//!
//! `available = received + allowance − sell_count − held`. Whatever changes them goes through [`change`], which proves that
//! nobody writes without the lock.

pub(crate) mod copies;
pub(crate) mod ledger;
pub mod offer;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::list;
use crate::stock::copies::Copies;
use crate::stock::ledger::Movement;

/// An edition's row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stock {
    pub edition: u64,
    received: i32,
    allowance: i32,
    sell_count: i32,
    held: i32,
}

impl Stock {
    pub(crate) fn available(&self) -> i32 {
        self.received + self.allowance - self.sell_count - self.held
    }
}

/// Rows as this transaction's own locking read returned them; valid until it ends.
pub(crate) struct LockedStock(BTreeMap<u64, Stock>);

impl LockedStock {
    /// Copies that can be had; 0 of an edition without a row.
    pub(crate) fn available(&self, edition: u64) -> i32 {
        self.0.get(&edition).map_or(0, Stock::available)
    }

    pub(crate) fn knows(&self, edition: u64) -> bool {
        self.0.contains_key(&edition)
    }
}

/// A movement of an order's copies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    pub order: Uuid,
    pub copies: Copies,
}

/// Reads rows without locking them: what was true a moment ago.
pub(crate) async fn read(
    connection: &mut MySqlConnection,
    editions: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, Stock>, Error> {
    let rows = sqlx::query_as!(
        Stock,
        r#"
        select stock.edition_id as edition, stock.received, stock.allowance, stock.sell_count, stock.held
        from json_table(?, '$[*]' columns (edition_id bigint unsigned path '$')) as list
             straight_join stock force index (primary) on stock.edition_id = list.edition_id
        "#,
        list::of(editions)?
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.edition, row)).collect())
}

/// Locks rows, in the order of their ids, until the transaction ends.
pub(crate) async fn lock(connection: &mut MySqlConnection, editions: &BTreeSet<u64>) -> Result<LockedStock, Error> {
    if failpoint::defect("plain_read") {
        return Ok(LockedStock(read(connection, editions).await?));
    }
    let rows = sqlx::query_as!(
        Stock,
        r#"
        select stock.edition_id as edition, stock.received, stock.allowance, stock.sell_count, stock.held
        from (select edition_id from json_table(?, '$[*]' columns (edition_id bigint unsigned path '$')) as list
              limit 1000000) as wanted
             straight_join stock force index (primary) on stock.edition_id = wanted.edition_id
        for update
        "#,
        list::of(editions)?
    )
    .fetch_all(connection)
    .await?;
    Ok(LockedStock(rows.into_iter().map(|row| (row.edition, row)).collect()))
}

/// What a row becomes, and what it must still be.
#[derive(Serialize)]
struct Change {
    edition: u64,
    received: i32,
    sell_count: i32,
    held: i32,
    was_received: i32,
    was_sold: i32,
    was_held: i32,
}

/// Moves copies in locked rows and writes each movement down. The lock makes the condition on the old figures certain,
/// the condition proves the lock: no row changed means that somebody writes without it.
pub(crate) async fn change(
    connection: &mut MySqlConnection,
    locked: &LockedStock,
    movement: Movement,
    moves: &[Move],
    by: &str,
) -> Result<(), Error> {
    if moves.is_empty() {
        return Ok(());
    }
    let mut after: BTreeMap<u64, Stock> = BTreeMap::new();
    for Move { copies: Copies { edition, quantity }, .. } in moves {
        let before = locked.0.get(edition).ok_or(Error::Defect("copies move of an edition without a stock row"))?;
        let row = after.entry(*edition).or_insert(*before);
        match movement {
            Movement::Received | Movement::Returned => row.received += quantity,
            Movement::Held => row.held += quantity,
            Movement::Released => row.held -= quantity,
            Movement::Sold => {
                row.held -= quantity;
                row.sell_count += quantity;
            }
        }
    }
    let changes: Vec<Change> = after
        .values()
        .filter_map(|row| Some((row, locked.0.get(&row.edition)?)))
        .map(|(row, before)| Change {
            edition: row.edition,
            received: row.received,
            sell_count: row.sell_count,
            held: row.held,
            was_received: before.received,
            was_sold: before.sell_count,
            was_held: before.held,
        })
        .collect();
    let changed = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (
                   edition_id bigint unsigned path '$.edition', received int path '$.received',
                   sell_count int path '$.sell_count', held int path '$.held', was_received int path '$.was_received',
                   was_sold int path '$.was_sold', was_held int path '$.was_held')) as list
               straight_join stock force index (primary) on stock.edition_id = list.edition_id
        set stock.received = list.received, stock.sell_count = list.sell_count, stock.held = list.held
        where stock.sell_count = list.was_sold and stock.held = list.was_held and stock.received = list.was_received
        "#,
        list::of(&changes)?
    )
    .execute(&mut *connection)
    .await?;
    if changed.rows_affected() != changes.len() as u64 && !failpoint::defect("plain_read") {
        tracing::error!("a stock row changed under its lock: somebody writes without locking");
        return Err(Error::Defect("a stock row changed under its lock"));
    }
    ledger::write(connection, movement, moves, by).await?;
    let sold_out = |stock: Option<&Stock>| stock.is_none_or(|stock| stock.available() == 0);
    let flipped: BTreeSet<u64> = after
        .values()
        .filter(|row| sold_out(Some(row)) != sold_out(locked.0.get(&row.edition)))
        .map(|row| row.edition)
        .collect();
    availability_flipped(connection, &flipped).await
}

/// Moves copies whose rows are not locked yet: [`lock`], then [`change`].
pub(crate) async fn lock_and_change(
    connection: &mut MySqlConnection,
    movement: Movement,
    moves: &[Move],
    by: &str,
) -> Result<(), Error> {
    let editions = moves.iter().map(|row| row.copies.edition).collect();
    let locked = lock(connection, &editions).await?;
    change(connection, &locked, movement, moves, by).await
}

/// Takes the first copies of editions in that have no stock row yet.
pub(crate) async fn receive_first(connection: &mut MySqlConnection, copies: &[Copies], by: &str) -> Result<(), Error> {
    if copies.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        insert into stock (edition_id, received)
        select list.edition_id, list.quantity
        from json_table(?, '$[*]' columns (
                 edition_id bigint unsigned path '$.edition', quantity int path '$.quantity')) as list
        "#,
        list::of(copies)?
    )
    .execute(&mut *connection)
    .await?;
    ledger::write_received(connection, copies, by).await?;
    availability_flipped(connection, &copies.iter().map(|copies| copies.edition).collect()).await
}

/// Tells every instance's search index to read the editions again.
async fn availability_flipped(connection: &mut MySqlConnection, editions: &BTreeSet<u64>) -> Result<(), Error> {
    if editions.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        insert into book_change (edition_id)
        select list.edition_id from json_table(?, '$[*]' columns (edition_id bigint unsigned path '$')) as list
        "#,
        list::of(editions)?
    )
    .execute(connection)
    .await?;
    Ok(())
}
