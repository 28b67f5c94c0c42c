//! `octavo-server reconcile`: holds the shop's books against each other and against the bank's.

use std::sync::Arc;

use anyhow::{Context, ensure};
use purchase::Purchase;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

use crate::config::Config;
use crate::wiring;

/// How far back payments are compared when nobody says, in days.
const DAYS: i64 = 30;

/// Prints every difference found since a day (`2026-11-01`; the last 30 days without one).
///
/// # Errors
/// When there is one, or the database or the bank cannot be asked.
pub async fn run(config: &Config, since: Option<&str>) -> anyhow::Result<()> {
    let since = match since {
        Some(day) => Date::parse(day, format_description!("[year]-[month]-[day]"))
            .with_context(|| format!("{day} is not a day such as 2026-11-01"))?
            .midnight()
            .assume_utc(),
        None => OffsetDateTime::now_utc() - Duration::days(DAYS),
    };
    let database = wiring::database(config).await?;
    let purchase = wiring::purchase(config, database, Arc::default())?;
    let drifts = purchase.reconcile_stock().await.context("the stock could not be looked through")?;
    let payments = purchase.reconcile_payments(since).await.context("the payments could not be compared")?;
    let found: Vec<String> =
        drifts.iter().map(ToString::to_string).chain(payments.iter().map(ToString::to_string)).collect();
    for line in &found {
        println!("{line}");
    }
    ensure!(found.is_empty(), "the books do not agree in {} places", found.len());
    println!("the books agree");
    Ok(())
}

/// Looks the stock through once, at the start; what has drifted is logged.
pub(crate) async fn look_through_stock(purchase: Purchase) {
    match purchase.reconcile_stock().await {
        Ok(drifts) => {
            for drift in drifts {
                tracing::error!(%drift, "stock has drifted: run `octavo-server reconcile`");
            }
        }
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "the stock was not looked through"),
    }
}
