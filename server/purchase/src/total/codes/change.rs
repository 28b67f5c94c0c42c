//! Moving uses of locked codes: the row and its uses in one transaction, each table by one statement for the batch.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::MySqlConnection;
use uuid::Uuid;

use super::lock::Code;
use super::{CodeUse, CodeUseState, LockedCodes, uses};
use crate::Error;
use crate::list::{self, Hex};

/// What happens to a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeMovement {
    /// A new order takes it.
    Held,
    /// An order that had released it takes it again.
    HeldAgain,
    /// The order was sold.
    Used,
    /// The order ended unpaid, or is in doubt.
    Released,
    /// The order was sold, and is given back: the code may be used once more.
    GivenBack,
}

/// What a row becomes, and what it must still be.
#[derive(Serialize)]
struct Change<'a> {
    id: Hex<'a>,
    used: u32,
    held: u32,
    was_used: u32,
    was_held: u32,
}

/// Moves uses of locked codes. The lock makes the condition on the old figures certain, the condition proves the lock,
/// as with the stock.
///
/// # Errors
/// When the database fails, a code is not locked, or a row or a use is not as it must be.
pub async fn change(
    connection: &mut MySqlConnection,
    locked: &mut LockedCodes,
    movement: CodeMovement,
    moved: &[CodeUse],
) -> Result<(), Error> {
    if moved.is_empty() {
        return Ok(());
    }
    let mut after: BTreeMap<Uuid, Code> = BTreeMap::new();
    for CodeUse { code, .. } in moved {
        let before = locked.0.get(code).ok_or(Error::Defect("a use of a code that is not locked"))?;
        let row = after.entry(*code).or_insert(*before);
        let (used, held) = match movement {
            CodeMovement::Held | CodeMovement::HeldAgain => (Some(row.used), row.held.checked_add(1)),
            CodeMovement::Used => (row.used.checked_add(1), row.held.checked_sub(1)),
            CodeMovement::Released => (Some(row.used), row.held.checked_sub(1)),
            CodeMovement::GivenBack => (row.used.checked_sub(1), Some(row.held)),
        };
        (row.used, row.held) = used.zip(held).ok_or(Error::Defect("a code's figures beyond their bounds"))?;
    }
    let changes: Vec<Change<'_>> = after
        .values()
        .filter_map(|row| Some((row, locked.0.get(&row.id)?)))
        .map(|(row, before)| Change {
            id: Hex(row.id.as_bytes()),
            used: row.used,
            held: row.held,
            was_used: before.used,
            was_held: before.held,
        })
        .collect();
    let changed = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (
                   id char(32) path '$.id', used int unsigned path '$.used', held int unsigned path '$.held',
                   was_used int unsigned path '$.was_used', was_held int unsigned path '$.was_held')) as list
               straight_join discount_code force index (primary) on discount_code.id = unhex(list.id)
        set discount_code.used = list.used, discount_code.held = list.held
        where discount_code.used = list.was_used and discount_code.held = list.was_held
        "#,
        list::of(&changes)?
    )
    .execute(&mut *connection)
    .await?;
    if changed.rows_affected() != changes.len() as u64 {
        tracing::error!("a discount code changed under its lock: somebody writes without locking");
        return Err(Error::Defect("a discount code changed under its lock"));
    }
    locked.0.append(&mut after);
    match movement {
        CodeMovement::Held => uses::insert(connection, moved).await,
        CodeMovement::HeldAgain => uses::step(connection, moved, CodeUseState::Released, CodeUseState::Held).await,
        CodeMovement::Used => uses::step(connection, moved, CodeUseState::Held, CodeUseState::Used).await,
        CodeMovement::Released => uses::step(connection, moved, CodeUseState::Held, CodeUseState::Released).await,
        CodeMovement::GivenBack => uses::step(connection, moved, CodeUseState::Used, CodeUseState::Released).await,
    }
}
