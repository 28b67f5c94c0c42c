//! Moving money on locked cards: the row, its use and the ledger in one transaction, each table by one statement for
//! the batch.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::MySqlConnection;
use uuid::Uuid;

use super::lock::Card;
use super::{CardUse, CardUseState, LockedCards, uses};
use crate::Error;
use crate::list::{self, Hex};
use crate::total::ledger::{self, Entry};

/// What happens to a part of an order that a card pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardMovement {
    /// A new order sets it aside.
    Held,
    /// An order that had released it sets it aside again.
    HeldAgain,
    /// The order was sold.
    Spent,
    /// The order ended unpaid, or is in doubt.
    Released,
    /// The order was sold, and is given back.
    GivenBack,
}

impl CardMovement {
    /// Moves an amount; `None` beyond the bounds.
    fn apply(self, card: &mut Card, amount: i64) -> Option<()> {
        match self {
            Self::Held | Self::HeldAgain => card.held = card.held.checked_add(amount)?,
            Self::Released => card.held = card.held.checked_sub(amount)?,
            Self::Spent => {
                card.held = card.held.checked_sub(amount)?;
                card.spent = card.spent.checked_add(amount)?;
            }
            Self::GivenBack => card.spent = card.spent.checked_sub(amount)?,
        }
        Some(())
    }
}

/// What a row becomes, and what it must still be.
#[derive(Serialize)]
struct Change<'a> {
    id: Hex<'a>,
    held: i64,
    spent: i64,
    was_held: i64,
    was_spent: i64,
}

/// Moves parts of orders on locked cards and writes each movement down; `by` is who did it. The lock makes the
/// condition on the old figures certain, the condition proves the lock, as with the stock.
///
/// # Errors
/// When the database fails, a card is not locked, or a row or a use is not as it must be.
pub async fn change(
    connection: &mut MySqlConnection,
    locked: &mut LockedCards,
    movement: CardMovement,
    moved: &[CardUse],
    by: &str,
) -> Result<(), Error> {
    use CardUseState::{GivenBack, Held, Released, Spent};
    if moved.is_empty() {
        return Ok(());
    }
    let mut after: BTreeMap<Uuid, Card> = BTreeMap::new();
    for CardUse { card, amount, .. } in moved {
        let before = locked.0.get(card).ok_or(Error::Defect("money moves on a card that is not locked"))?;
        if amount.currency() != before.currency || amount.minor() <= 0 {
            return Err(Error::Defect("an amount that a card cannot pay"));
        }
        let row = after.entry(*card).or_insert(*before);
        movement.apply(row, amount.minor()).ok_or(Error::Defect("a card's figures beyond their bounds"))?;
    }
    write_cards(connection, locked, &after).await?;
    locked.0.append(&mut after);
    let entry = match movement {
        CardMovement::Held => {
            uses::insert(connection, moved).await?;
            Entry::Held
        }
        CardMovement::HeldAgain => {
            uses::step(connection, moved, Released, Held).await?;
            Entry::Held
        }
        CardMovement::Spent => {
            uses::step(connection, moved, Held, Spent).await?;
            Entry::Spent
        }
        CardMovement::Released => {
            uses::step(connection, moved, Held, Released).await?;
            Entry::Released
        }
        CardMovement::GivenBack => {
            uses::step(connection, moved, Spent, GivenBack).await?;
            Entry::GivenBack
        }
    };
    ledger::write(connection, entry, moved, by).await
}

async fn write_cards(
    connection: &mut MySqlConnection,
    locked: &LockedCards,
    after: &BTreeMap<Uuid, Card>,
) -> Result<(), Error> {
    let changes: Vec<Change<'_>> = after
        .values()
        .filter_map(|row| Some((row, locked.0.get(&row.id)?)))
        .map(|(row, before)| Change {
            id: Hex(row.id.as_bytes()),
            held: row.held,
            spent: row.spent,
            was_held: before.held,
            was_spent: before.spent,
        })
        .collect();
    let changed = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (
                   id char(32) path '$.id', held bigint path '$.held', spent bigint path '$.spent',
                   was_held bigint path '$.was_held', was_spent bigint path '$.was_spent')) as list
               straight_join gift_card force index (primary) on gift_card.id = unhex(list.id)
        set gift_card.held = list.held, gift_card.spent = list.spent
        where gift_card.held = list.was_held and gift_card.spent = list.was_spent
        "#,
        list::of(&changes)?
    )
    .execute(connection)
    .await?;
    if changed.rows_affected() != changes.len() as u64 {
        tracing::error!("a gift card changed under its lock: somebody writes without locking");
        return Err(Error::Defect("a gift card changed under its lock"));
    }
    Ok(())
}
