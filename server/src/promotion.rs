//! `octavo-server discount-code` and `octavo-server gift-card`: what makes an order cheaper, from the command line.

use anyhow::{Context, bail};
use clap::Args;
use purchase::money::Money;
use purchase::total::codes::{Created, NewCode};
use purchase::total::{Discount, cards, codes};
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use crate::config::Config;
use crate::wiring;

/// A discount code to be made.
#[derive(Args)]
pub struct DiscountCode {
    /// As people will type it: 3 to 40 letters and digits
    code: String,
    /// What it takes off the books: 10% or 5.00EUR
    off: String,
    /// How many orders may use it; any number without this
    #[arg(long, value_name = "NUMBER")]
    uses: Option<u32>,
    /// How many orders of one customer; any number without this
    #[arg(long, value_name = "NUMBER")]
    per_customer: Option<u32>,
    /// The last day on which it may be used (UTC), such as 2026-12-31; for ever without this
    #[arg(long, value_name = "DAY")]
    until: Option<String>,
}

/// Makes a discount code that may be used from now on. One that is there already stays as it is.
///
/// # Errors
/// What cannot be, or when the database fails.
pub async fn discount_code(config: &Config, wanted: &DiscountCode) -> anyhow::Result<()> {
    let now = OffsetDateTime::now_utc();
    let new = NewCode {
        code: wanted.code.clone(),
        discount: discount(&wanted.off)?,
        starts_at: PrimitiveDateTime::new(now.date(), now.time()),
        ends_at: wanted.until.as_deref().map(end_of).transpose()?,
        most_uses: wanted.uses,
        most_per_customer: wanted.per_customer,
    };
    let database = wiring::database(config).await?;
    let mut connection = database.pool().acquire().await.context("the database does not answer")?;
    match codes::create(&mut connection, &new).await.context("the code could not be made")? {
        Created::Done(_) => println!("made"),
        Created::Taken => println!("there is a code of this spelling: it stays as it is"),
        Created::BadCode => bail!("{} cannot be a code: 3 to 40 letters and digits", wanted.code),
        Created::BadDiscount => bail!("{} takes off nothing, or more than everything", wanted.off),
        Created::BadTimes => bail!("the code would end before it starts"),
    }
    Ok(())
}

/// Issues a gift card, and prints its code.
///
/// # Errors
/// When the amount cannot be, or the database fails.
pub async fn gift_card(config: &Config, amount: &str) -> anyhow::Result<()> {
    let amount = Money::parse(amount)
        .filter(|amount| amount.minor() > 0)
        .with_context(|| format!("{amount} is not an amount such as 25.00EUR"))?;
    let database = wiring::database(config).await?;
    let mut tx = database.begin().await.context("the database does not answer")?;
    let issued = cards::issue(&mut tx, amount, "staff").await;
    println!("{}", tx.end(issued).await.context("the card could not be issued")?.code);
    Ok(())
}

fn discount(off: &str) -> anyhow::Result<Discount> {
    if let Some(percent) = off.strip_suffix('%') {
        let percent: u32 = percent.trim().parse().with_context(|| format!("{off} is not a percentage such as 10%"))?;
        return Ok(Discount::Percentage { basis_points: percent.saturating_mul(100) });
    }
    Money::parse(off)
        .map(Discount::Amount)
        .with_context(|| format!("{off} is neither 10% nor an amount such as 5.00EUR"))
}

fn end_of(day: &str) -> anyhow::Result<PrimitiveDateTime> {
    let day = Date::parse(day, format_description!("[year]-[month]-[day]"))
        .with_context(|| format!("{day} is not a day such as 2026-12-31"))?;
    Ok(day.next_day().context("a day beyond all bounds")?.midnight())
}

#[cfg(test)]
mod tests {
    use purchase::money::Currency;

    use super::*;

    #[test]
    fn a_discount_is_a_percentage_or_an_amount() {
        assert_eq!(discount("10%").unwrap(), Discount::Percentage { basis_points: 1000 });
        assert_eq!(discount("5.00EUR").unwrap(), Discount::Amount(Money::new(500, Currency::Eur)));
        for nonsense in ["", "%", "ten", "-5%", "5"] {
            assert!(discount(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_code_can_be_used_on_its_last_day() {
        assert_eq!(end_of("2026-12-31").unwrap(), time::macros::datetime!(2027-01-01 00:00));
        assert!(end_of("soon").is_err());
    }
}
