//! What a card can pay before it is ordered with. The hold decides anew, under the lock.

use sqlx::MySqlConnection;
use uuid::Uuid;

use super::{CardCode, CardRefused, FoundCard};
use crate::Error;
use crate::money::{Currency, Money};

/// Looks a typed code up. Who calls this for a shopper limits how often one may guess.
///
/// # Errors
/// When the database fails.
pub async fn look_up(
    connection: &mut MySqlConnection,
    typed: &str,
    currency: Currency,
) -> Result<Result<FoundCard, CardRefused>, Error> {
    let Some(code) = CardCode::parse(typed) else { return Ok(Err(CardRefused::Unknown)) };
    let id = sqlx::query!(r#"select id as "id: Uuid" from gift_card where code_hash = ?"#, code.hash())
        .fetch_optional(&mut *connection)
        .await?;
    match id {
        Some(row) => check(connection, row.id, currency).await,
        None => Ok(Err(CardRefused::Unknown)),
    }
}

/// Checks a card that was looked up earlier, for the basket that keeps its id.
///
/// # Errors
/// When the database fails.
pub async fn check(
    connection: &mut MySqlConnection,
    id: Uuid,
    currency: Currency,
) -> Result<Result<FoundCard, CardRefused>, Error> {
    let row = sqlx::query!(r#"select issued - held - spent as "left!: i64", currency from gift_card where id = ?"#, id)
        .fetch_optional(connection)
        .await?;
    Ok(match row {
        None => Err(CardRefused::Unknown),
        Some(row) if row.currency != currency.code() => Err(CardRefused::WrongCurrency),
        Some(row) if row.left == 0 => Err(CardRefused::Empty),
        Some(row) => Ok(FoundCard { id, left: Money::new(row.left, currency) }),
    })
}
