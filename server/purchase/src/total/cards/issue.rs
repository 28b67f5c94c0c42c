//! New cards.

use sqlx::MySqlConnection;
use uuid::Uuid;

use super::CardCode;
use crate::Error;
use crate::money::Money;
use crate::total::ledger;

/// A card that was issued.
#[derive(Debug)]
pub struct Issued {
    /// Its id.
    pub id: Uuid,
    /// Its code; nobody can tell it again.
    pub code: CardCode,
}

/// Issues a card over more than nothing, in a transaction of the caller's. `by` is who did it, for the ledger.
///
/// # Errors
/// When the database fails, or the amount is not more than nothing.
pub async fn issue(connection: &mut MySqlConnection, amount: Money, by: &str) -> Result<Issued, Error> {
    if amount.minor() <= 0 {
        return Err(Error::Defect("a gift card over nothing"));
    }
    let (id, code) = (Uuid::now_v7(), CardCode::random());
    sqlx::query!(
        "insert into gift_card (id, code_hash, issued, currency) values (?, ?, ?, ?)",
        id,
        code.hash(),
        amount.minor(),
        amount.currency().code()
    )
    .execute(&mut *connection)
    .await?;
    ledger::write_issued(connection, id, amount, by).await?;
    Ok(Issued { id, code })
}
