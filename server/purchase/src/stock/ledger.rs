//! The stock ledger: a row for every change of a stock row, in the same transaction.

use serde::Serialize;
use sqlx::MySqlConnection;

use crate::Error;
use crate::list::{self, Hex};
use crate::stock::Move;
use crate::stock::copies::Copies;

/// What happened to copies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Movement {
    Received,
    Held,
    Released,
    Sold,
    Returned,
}

impl Movement {
    fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Held => "held",
            Self::Released => "released",
            Self::Sold => "sold",
            Self::Returned => "returned",
        }
    }
}

#[derive(Serialize)]
struct Row<'a> {
    order: Hex<'a>,
    edition: u64,
    quantity: i32,
}

/// Writes one movement of orders' copies down.
pub(crate) async fn write(
    connection: &mut MySqlConnection,
    movement: Movement,
    moves: &[Move],
    by: &str,
) -> Result<(), Error> {
    let rows: Vec<Row<'_>> = moves
        .iter()
        .map(|Move { order, copies }| Row {
            order: Hex(order.as_bytes()),
            edition: copies.edition,
            quantity: copies.quantity,
        })
        .collect();
    sqlx::query!(
        r#"
        insert into stock_ledger (edition_id, movement, quantity, order_id, by_whom)
        select list.edition_id, ?, list.quantity, unhex(list.order_id), ?
        from json_table(?, '$[*]' columns (
                 order_id char(32) path '$.order', edition_id bigint unsigned path '$.edition',
                 quantity int path '$.quantity')) as list
        "#,
        movement.as_str(),
        by,
        list::of(&rows)?
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down that copies were taken in, for no order.
pub(crate) async fn write_received(connection: &mut MySqlConnection, copies: &[Copies], by: &str) -> Result<(), Error> {
    sqlx::query!(
        r#"
        insert into stock_ledger (edition_id, movement, quantity, by_whom)
        select list.edition_id, ?, list.quantity, ?
        from json_table(?, '$[*]' columns (
                 edition_id bigint unsigned path '$.edition', quantity int path '$.quantity')) as list
        "#,
        Movement::Received.as_str(),
        by,
        list::of(copies)?
    )
    .execute(connection)
    .await?;
    Ok(())
}
