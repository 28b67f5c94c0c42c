//! The stock rows: the last thing that a transaction locks. `available = received + allowance − sell_count − held`.

use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::copies::Copies;
use crate::ledger::{self, Movement};

/// A stock row as a locking read returned it: valid until the transaction that read it ends.
pub(crate) struct LockedStock {
    received: i32,
    allowance: i32,
    sell_count: i32,
    held: i32,
}

impl LockedStock {
    pub(crate) fn available(&self) -> i32 {
        self.received + self.allowance - self.sell_count - self.held
    }
}

/// Locks an edition's row until the transaction ends. Take several in the order of their ids.
pub(crate) async fn lock(connection: &mut MySqlConnection, edition: u64) -> Result<Option<LockedStock>, sqlx::Error> {
    sqlx::query_as!(
        LockedStock,
        r#"
        select received, allowance, sell_count, held from stock where edition_id = ? for update
        "#,
        edition
    )
    .fetch_optional(connection)
    .await
}

/// Sets copies aside for an order. `Err` in the inner result: how many are left, fewer than wanted.
pub(crate) async fn hold(
    connection: &mut MySqlConnection,
    order: Uuid,
    copies: Copies,
    by: &str,
) -> Result<Result<(), i32>, Error> {
    let Some(stock) = lock(connection, copies.edition).await? else {
        return Ok(Err(0));
    };
    if stock.available() < copies.quantity {
        return Ok(Err(stock.available()));
    }
    let changed = sqlx::query!(
        "update stock set held = held + ? where edition_id = ? and held = ?",
        copies.quantity,
        copies.edition,
        stock.held
    )
    .execute(&mut *connection)
    .await?;
    proven(changed.rows_affected())?;
    let entry = Movement::Held;
    ledger::write(connection, copies, entry, Some(order), by).await?;
    if stock.available() == copies.quantity {
        availability_flipped(connection, copies.edition).await?;
    }
    Ok(Ok(()))
}

/// Turns held copies into sold ones. The lock makes the condition on `sell_count` certain, the condition proves
/// the lock: no row changed means that somebody writes without it.
pub(crate) async fn sell(connection: &mut MySqlConnection, order: Uuid, copies: Copies, by: &str) -> Result<(), Error> {
    let stock = lock(connection, copies.edition)
        .await?
        .ok_or(Error::Defect("copies are sold of an edition without a stock row"))?;
    let changed = sqlx::query!(
        r#"
        update stock set sell_count = sell_count + ?, held = held - ?
        where edition_id = ? and sell_count = ? and held >= ?
        "#,
        copies.quantity,
        copies.quantity,
        copies.edition,
        stock.sell_count,
        copies.quantity
    )
    .execute(&mut *connection)
    .await?;
    proven(changed.rows_affected())?;
    ledger::write(connection, copies, Movement::Sold, Some(order), by).await?;
    Ok(())
}

/// Gives held copies back to the shelf.
pub(crate) async fn release(
    connection: &mut MySqlConnection,
    order: Uuid,
    copies: Copies,
    by: &str,
) -> Result<(), Error> {
    let stock = lock(connection, copies.edition)
        .await?
        .ok_or(Error::Defect("copies are released of an edition without a stock row"))?;
    let changed = sqlx::query!(
        "update stock set held = held - ? where edition_id = ? and held = ? and held >= ?",
        copies.quantity,
        copies.edition,
        stock.held,
        copies.quantity
    )
    .execute(&mut *connection)
    .await?;
    proven(changed.rows_affected())?;
    ledger::write(connection, copies, Movement::Released, Some(order), by).await?;
    if stock.available() == 0 {
        availability_flipped(connection, copies.edition).await?;
    }
    Ok(())
}

/// Takes copies in; makes the row where there is none.
pub(crate) async fn receive(connection: &mut MySqlConnection, copies: Copies, by: &str) -> Result<(), Error> {
    sqlx::query!(
        r#"
        insert into stock (edition_id, received) values (?, ?)
        on duplicate key update received = received + values(received)
        "#,
        copies.edition,
        copies.quantity
    )
    .execute(&mut *connection)
    .await?;
    ledger::write(connection, copies, Movement::Received, None, by).await?;
    availability_flipped(connection, copies.edition).await
}

/// Tells every instance's search index to read the edition again.
async fn availability_flipped(connection: &mut MySqlConnection, edition: u64) -> Result<(), Error> {
    sqlx::query!("insert into book_change (edition_id) values (?)", edition).execute(connection).await?;
    Ok(())
}

fn proven(rows_changed: u64) -> Result<(), Error> {
    if rows_changed == 1 {
        return Ok(());
    }
    tracing::error!("a stock row changed under its lock: somebody writes without locking");
    Err(Error::Defect("a stock row changed under its lock"))
}
