//! `octavo-server refund`: gives an order's money back, all that is left of it or a part.

use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use purchase::money::Money;
use purchase::{RefundOrder, RefundOutcome};
use uuid::Uuid;

use crate::config::Config;
use crate::wiring;

/// Money that is to be given back.
#[derive(Args)]
pub struct Refund {
    /// The order's number, such as 7F3K-9Q2M
    order: String,
    /// How much of it, such as 12.50EUR; all that is left without it
    amount: Option<String>,
    /// Repeats a refund that was cut off, and gives nothing back again
    #[arg(long)]
    id: Option<Uuid>,
}

/// Owes the money; the shop that is open gives it back.
///
/// # Errors
/// Why it cannot be, or that the database cannot be asked.
pub async fn run(config: &Config, wanted: &Refund) -> anyhow::Result<()> {
    let amount = wanted.amount.as_deref();
    let amount = amount
        .map(|text| Money::parse(text).with_context(|| format!("{text} is not an amount such as 12.50EUR")))
        .transpose()?;
    let (id, order) = (wanted.id.unwrap_or_else(Uuid::now_v7), wanted.order.to_uppercase());
    let database = wiring::database(config).await?;
    let purchase = wiring::purchase(config, database, Arc::default())?;
    println!("refund {id}: if this is cut off, say the same again with --id {id}");
    let refund = RefundOrder { id, order: order.clone(), amount };
    match purchase.refund_order(&refund).await.context("the refund could not be stored")? {
        RefundOutcome::Owed(owed) => println!("{owed} of order {order} goes back to the shopper"),
        RefundOutcome::Unknown => bail!("there is no order {order}"),
        RefundOutcome::NotPaid => bail!("order {order} has no money that could be given back"),
        RefundOutcome::BadAmount { left } => bail!("{left} is left of what was paid for order {order}"),
        RefundOutcome::Failed => bail!("refund {id} could not be made: leave --id out for a new one"),
        RefundOutcome::IdReused => bail!("refund {id} is another one: leave --id out for a new one"),
    }
    Ok(())
}
