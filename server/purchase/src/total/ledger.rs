//! The money ledger: a row for every change of a gift card, in the same transaction.

use serde::Serialize;
use sqlx::MySqlConnection;
use uuid::Uuid;

use super::cards::CardUse;
use crate::Error;
use crate::list::{self, Hex};
use crate::money::Money;

/// What happened to money on a card.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    Held,
    Released,
    Spent,
    GivenBack,
}

impl Entry {
    fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Released => "released",
            Self::Spent => "spent",
            Self::GivenBack => "given_back",
        }
    }
}

#[derive(Serialize)]
struct Row<'a> {
    card: Hex<'a>,
    amount: i64,
    order: Hex<'a>,
}

/// Writes one kind of entry down for orders' parts.
pub(super) async fn write(
    connection: &mut MySqlConnection,
    entry: Entry,
    uses: &[CardUse],
    by: &str,
) -> Result<(), Error> {
    let rows: Vec<Row<'_>> = uses
        .iter()
        .map(|row| Row { card: Hex(row.card.as_bytes()), amount: row.amount.minor(), order: Hex(row.order.as_bytes()) })
        .collect();
    sqlx::query!(
        r#"
        insert into money_ledger (card_id, movement, amount, order_id, by_whom)
        select unhex(list.card), ?, list.amount, unhex(list.order_id), ?
        from json_table(?, '$[*]' columns (
                 card char(32) path '$.card', amount bigint path '$.amount',
                 order_id char(32) path '$.order')) as list
        "#,
        entry.as_str(),
        by,
        list::of(&rows)?
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down that a card was issued, for no order.
pub(super) async fn write_issued(
    connection: &mut MySqlConnection,
    card: Uuid,
    amount: Money,
    by: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into money_ledger (card_id, movement, amount, by_whom) values (?, 'issued', ?, ?)",
        card,
        amount.minor(),
        by
    )
    .execute(connection)
    .await?;
    Ok(())
}
