//! The stock ledger: a row for every change of a stock row, in the same transaction.

use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::copies::Copies;

/// What happened to copies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Movement {
    Received,
    Held,
    Released,
    Sold,
}

impl Movement {
    fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Held => "held",
            Self::Released => "released",
            Self::Sold => "sold",
        }
    }
}

pub(crate) async fn write(
    connection: &mut MySqlConnection,
    copies: Copies,
    movement: Movement,
    order: Option<Uuid>,
    by: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into stock_ledger (edition_id, movement, quantity, order_id, by_whom) values (?, ?, ?, ?, ?)",
        copies.edition,
        movement.as_str(),
        copies.quantity,
        order,
        by
    )
    .execute(connection)
    .await?;
    Ok(())
}
