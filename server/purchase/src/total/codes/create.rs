//! New codes.

use sqlx::MySqlConnection;
use time::PrimitiveDateTime;
use uuid::Uuid;

use super::text::fold;
use crate::Error;
use crate::total::Discount;

/// A code that staff wants.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// As people will type it: 3 to 40 letters and digits; case, blanks and hyphens make no difference.
    pub code: String,
    /// What it takes off the goods; cannot be changed later.
    pub discount: Discount,
    /// From when it may be used, UTC.
    pub starts_at: PrimitiveDateTime,
    /// Until when, UTC; `None` for ever.
    pub ends_at: Option<PrimitiveDateTime>,
    /// How many orders may use it; `None` for any number.
    pub most_uses: Option<u32>,
    /// How many orders of one customer; `None` for any number.
    pub most_per_customer: Option<u32>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is there; its id.
    Done(Uuid),
    /// There is one of this spelling.
    Taken,
    /// It cannot be spelt like this.
    BadCode,
    /// It takes off nothing, or more than everything.
    BadDiscount,
    /// It would end before it starts.
    BadTimes,
}

/// Makes a code.
///
/// # Errors
/// When the database fails.
pub async fn create(connection: &mut MySqlConnection, new: &NewCode) -> Result<Created, Error> {
    let Some(code) = fold(&new.code) else { return Ok(Created::BadCode) };
    let (kind, value, currency) = match new.discount {
        Discount::Percentage { basis_points } => ("percentage", i64::from(basis_points), None),
        Discount::Amount(amount) => ("amount", amount.minor(), Some(amount.currency().code())),
    };
    if value <= 0 || (currency.is_none() && value > 10_000) {
        return Ok(Created::BadDiscount);
    }
    if new.ends_at.is_some_and(|ends_at| ends_at <= new.starts_at) {
        return Ok(Created::BadTimes);
    }
    let id = Uuid::now_v7();
    let inserted = sqlx::query!(
        r#"
        insert into discount_code (id, code, kind, value, currency, starts_at, ends_at, most_uses, most_per_customer)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        "#,
        id,
        code,
        kind,
        value,
        currency,
        new.starts_at,
        new.ends_at,
        new.most_uses,
        new.most_per_customer
    )
    .execute(connection)
    .await;
    match inserted {
        Ok(_) => Ok(Created::Done(id)),
        Err(error) if database::is_duplicate(&error) => Ok(Created::Taken),
        Err(error) => Err(error.into()),
    }
}
