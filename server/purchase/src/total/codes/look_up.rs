//! What a code is worth before it is ordered with. The hold decides anew, under the lock.

use std::collections::BTreeSet;

use sqlx::MySqlConnection;
use uuid::Uuid;

use super::deal::count;
use super::lock::Code;
use super::text::fold;
use super::{CodeRefused, CustomerKey, FoundCode};
use crate::Error;
use crate::money::{Currency, Money};
use crate::total::Discount;

/// Looks a typed code up. Without a customer (no address is known yet) nobody's own uses are counted.
///
/// # Errors
/// When the database fails.
pub async fn look_up(
    connection: &mut MySqlConnection,
    typed: &str,
    currency: Currency,
    customer: Option<CustomerKey>,
) -> Result<Result<FoundCode, CodeRefused>, Error> {
    let Some(code) = fold(typed) else { return Ok(Err(CodeRefused::Unknown)) };
    let id = sqlx::query!(r#"select id as "id: Uuid" from discount_code where code = ?"#, code)
        .fetch_optional(&mut *connection)
        .await?;
    match id {
        Some(row) => check(connection, row.id, currency, customer).await,
        None => Ok(Err(CodeRefused::Unknown)),
    }
}

/// Checks a code that was looked up earlier, for the basket that keeps its id.
///
/// # Errors
/// When the database fails.
pub async fn check(
    connection: &mut MySqlConnection,
    id: Uuid,
    currency: Currency,
    customer: Option<CustomerKey>,
) -> Result<Result<FoundCode, CodeRefused>, Error> {
    let row = sqlx::query!(
        r#"
        select kind = 'percentage' as "is_percentage!: bool", value, currency, used, held, most_uses, most_per_customer,
               starts_at <= utc_timestamp(6) as "started!: bool",
               coalesce(ends_at <= utc_timestamp(6), false) as "ended!: bool"
        from discount_code where id = ?
        "#,
        id
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(Err(CodeRefused::Unknown)) };
    let discount = if row.is_percentage {
        let basis_points = u32::try_from(row.value).map_err(|_| Error::Defect("a percentage beyond all bounds"))?;
        Discount::Percentage { basis_points }
    } else {
        let of_amount = row.currency.as_deref().and_then(Currency::parse);
        let of_amount = of_amount.ok_or(Error::Defect("a discount code has an unknown currency"))?;
        if of_amount != currency {
            return Ok(Err(CodeRefused::WrongCurrency));
        }
        Discount::Amount(Money::new(row.value, currency))
    };
    let code = Code {
        id,
        used: row.used,
        held: row.held,
        most_uses: row.most_uses,
        most_per_customer: row.most_per_customer,
        started: row.started,
        ended: row.ended,
    };
    let uses = match customer {
        Some(customer) if code.most_per_customer.is_some() => {
            count(connection, &BTreeSet::from([(id, customer)])).await?.into_values().sum()
        }
        _ => 0,
    };
    Ok(code.refusal(uses).map_or(Ok(FoundCode { id, discount }), Err))
}
