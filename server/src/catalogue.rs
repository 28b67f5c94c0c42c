//! Putting a catalogue into the shop: the words go to search, prices and copies to purchase.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use purchase::Purchase;
use purchase::money::{Currency, Money};
use purchase::stock::offer::NewOffer;
use purchase::total::ProductType;
use search::{ImportedOffer, Importer, Refused, SHOP_FILE, ShopFile, TakenIn};

use crate::config::Config;
use crate::wiring;

/// Records that are taken in at once.
pub(crate) const BATCH: usize = 500;

/// Imports the shop's own catalogue file; the same file twice changes nothing.
///
/// # Errors
/// Names the line and field that cannot be used, or what failed.
pub async fn import(config: &Config, path: &Path) -> anyhow::Result<()> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
    let file = ShopFile::read(&text).with_context(|| format!("{shown} cannot be imported"))?;
    let database = wiring::database(config).await?;
    let importer = Importer::new(database.clone(), SHOP_FILE);
    // Taking books in sends no message, so there is no relay to wake.
    let purchase = wiring::purchase(config, database, Arc::default())?;
    let mut taken = TakenIn::default();
    for batch in file.records().chunks(BATCH) {
        let mut batch = importer.take_in(batch).await.with_context(|| format!("{shown} cannot be imported"))?;
        sell(&purchase, &mut batch).await?;
        taken.append(batch);
    }
    for refused in &taken.refused {
        tracing::warn!(line = refused.line, key = refused.key, reason = refused.reason, "not taken in");
    }
    tracing::info!(
        added = taken.added,
        changed = taken.changed,
        unchanged = taken.unchanged,
        refused = taken.refused.len(),
        "the catalogue is in the shop"
    );
    Ok(())
}

/// Puts the batch's offers into the shop, and takes out what is not sold any more. Offers that the shop cannot make are
/// added to what was refused: the book is in the catalogue, and not sold.
pub(crate) async fn sell(purchase: &Purchase, batch: &mut TakenIn) -> anyhow::Result<()> {
    let mut offers = Vec::with_capacity(batch.offers.len());
    for imported in &batch.offers {
        match offer(imported) {
            Ok(offer) => offers.push(offer),
            Err(reason) => {
                batch.refused.push(Refused { line: imported.line, key: imported.key.clone(), reason });
                batch.unsold.push(imported.edition_id);
            }
        }
    }
    purchase.put_offers(&offers).await.context("the offers could not be stored")?;
    purchase.withdraw_offers(&batch.unsold).await.context("the offers could not be withdrawn")?;
    Ok(())
}

fn offer(offer: &ImportedOffer) -> Result<NewOffer, String> {
    let currency = Currency::parse(&offer.currency)
        .ok_or_else(|| format!("it is in the catalogue, but not sold: the shop takes no {}", offer.currency))?;
    let copies = i32::try_from(offer.copies)
        .map_err(|_| format!("it is in the catalogue, but not sold: {} are too many copies", offer.copies))?;
    let price = Money::new(offer.price, currency);
    let (edition, weight_g) = (offer.edition_id, offer.weight_g);
    Ok(NewOffer { edition, price, weight_g, product: ProductType::Book, copies })
}
