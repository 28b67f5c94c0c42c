//! `octavo-server refund`: gives an order's money back, all that is left of it or a part.

use std::sync::Arc;

use anyhow::{Context, bail};
use purchase::{RefundOrder, RefundOutcome};
use uuid::Uuid;

use crate::config::Config;
use crate::wiring;

/// Owes `amount` (`12.50`, in the order's currency) back; the shop that is open gives it back. `id` repeats an earlier
/// call that was cut off, and gives nothing back again.
///
/// # Errors
/// Why it cannot be, or that the database cannot be asked.
pub async fn run(config: &Config, order: &str, amount: Option<&str>, id: Option<&str>) -> anyhow::Result<()> {
    let amount = amount
        .map(|text| cents(text).with_context(|| format!("{text} is not an amount such as 12.50, or more than nothing")))
        .transpose()?;
    let id = match id {
        Some(text) => text.parse().with_context(|| format!("{text} is not the id of a refund"))?,
        None => Uuid::now_v7(),
    };
    let order = order.to_uppercase();
    let database = wiring::database(config).await?;
    let purchase = wiring::purchase(config, database, Arc::default())?;
    println!("refund {id}: if this is cut off, say the same again with --id {id}");
    let wish = RefundOrder { id, order: order.clone(), amount };
    match purchase.refund_order(&wish).await.context("the refund could not be stored")? {
        RefundOutcome::Owed(owed) => {
            println!("{owed} of order {order} goes back to the shopper");
            Ok(())
        }
        RefundOutcome::Unknown => bail!("there is no order {order}"),
        RefundOutcome::NotPaid => bail!("order {order} has no money that could be given back"),
        RefundOutcome::BadAmount { left } => bail!("{left} is left of what was paid for order {order}"),
        RefundOutcome::IdReused => bail!("refund {id} is another one: leave --id out for a new one"),
    }
}

/// Reads an amount with a point and two digits, or none, as whole cents; only what is more than nothing.
fn cents(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() != 2 {
        return None;
    }
    let cents = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)?;
    (cents > 0).then_some(cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them_and_nothing_else_is() {
        for (text, expected) in [("12.50", 1250), ("7", 700), ("0.05", 5)] {
            assert_eq!(cents(text), Some(expected), "{text}");
        }
        for text in ["", "0", "0.00", "-1", "12.5", "12,50", "1.234", "€5", ".50", "5.", "99999999999999999999"] {
            assert_eq!(cents(text), None, "{text}");
        }
    }
}
