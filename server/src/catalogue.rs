//! Putting a catalogue into the shop: the words go to search, prices and copies to purchase.

use std::sync::Arc;

use anyhow::Context;
use purchase::money::{Currency, Money};
use purchase::stock::offer::NewOffer;
use purchase::total::ProductType;

use crate::config::Config;
use crate::wiring;

/// Imports a catalogue file; the same file twice changes nothing.
///
/// # Errors
/// Names the line and field that cannot be used, or what failed.
pub async fn import(config: &Config, path: &str) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
    let database = wiring::database(config).await?;
    let imported = search::import(&database, &text).await.with_context(|| format!("{path} cannot be imported"))?;
    let offers = imported
        .offers
        .iter()
        .map(|offer| {
            let currency = Currency::parse(&offer.currency)
                .with_context(|| format!("{}: the currency {} is not known", offer.key, offer.currency))?;
            let copies = i32::try_from(offer.copies).with_context(|| format!("{}: too many copies", offer.key))?;
            let price = Money::new(offer.price, currency);
            let (edition, weight_g) = (offer.edition_id, offer.weight_g);
            Ok(NewOffer { edition, price, weight_g, product: ProductType::Book, copies })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    // Taking books in sends no message, so there is no relay to wake.
    let purchase = wiring::purchase(config, database, Arc::default())?;
    let changed = purchase.put_offers(&offers).await.context("the offers could not be stored")?;
    tracing::info!(
        works = imported.works,
        editions = imported.editions,
        works_changed = imported.changed,
        offers_changed = changed,
        "the catalogue is in the shop"
    );
    Ok(())
}
