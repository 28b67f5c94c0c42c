//! Putting copies into the basket and taking them out.

use database::Transaction;
use identity::Shopper;
use uuid::Uuid;

use super::{Changed, MOST_COPIES, MOST_LINES, store};
use crate::Error;
use crate::purchase::Purchase;
use crate::stock::offer::{self, Offer};

impl Purchase {
    /// How many copies are in the shopper's open basket.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn basket_count(&self, shopper: &Shopper) -> Result<i64, Error> {
        let count = sqlx::query_scalar!(
            r#"
            select cast(coalesce(sum(basket_line.quantity), 0) as signed) as "count!: i64"
            from basket join basket_line on basket_line.basket_id = basket.id
            where basket.open_for = ?
            "#,
            shopper.id().as_uuid()
        )
        .fetch_one(self.database().pool())
        .await?;
        Ok(count)
    }

    /// Puts `quantity` more copies into the basket.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_to_basket(&self, shopper: &Shopper, edition: u64, quantity: i32) -> Result<Changed, Error> {
        self.change_line(shopper, edition, |now| now.checked_add(quantity).filter(|_| quantity > 0)).await
    }

    /// Sets how many copies of an edition are in the basket; 0 takes it out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_quantity(&self, shopper: &Shopper, edition: u64, quantity: i32) -> Result<Changed, Error> {
        self.change_line(shopper, edition, |_| Some(quantity).filter(|quantity| *quantity >= 0)).await
    }

    async fn change_line(
        &self,
        shopper: &Shopper,
        edition: u64,
        wanted: impl Fn(i32) -> Option<i32> + Sync,
    ) -> Result<Changed, Error> {
        let offer = offer::offers(self.database(), &[edition]).await?.remove(&edition);
        let shopper = shopper.id().as_uuid();
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                match change_line(&mut tx, shopper, edition, offer, &wanted).await {
                    // Not even an empty basket stays of what was refused.
                    Ok(refused) if refused != Changed::Done => {
                        tx.roll_back().await;
                        Ok(refused)
                    }
                    result => tx.end(result).await,
                }
            })
            .await
    }
}

async fn change_line(
    tx: &mut Transaction,
    shopper: Uuid,
    edition: u64,
    offer: Option<Offer>,
    wanted: impl Fn(i32) -> Option<i32>,
) -> Result<Changed, Error> {
    let basket = store::lock_open(tx, shopper).await?;
    let now = store::quantity(tx, basket, edition).await?;
    let wanted = wanted(now.unwrap_or(0));
    if wanted == Some(0) {
        if now.is_some() {
            store::remove_line(tx, basket, edition).await?;
            store::raise_version(tx, basket).await?;
        } else if offer.is_none() {
            return Ok(Changed::UnknownEdition);
        }
        return Ok(Changed::Done);
    }
    let Some(offer) = offer else { return Ok(Changed::UnknownEdition) };
    let Some(quantity) = wanted.filter(|quantity| *quantity <= MOST_COPIES) else { return Ok(Changed::BadQuantity) };
    if quantity > offer.available {
        return Ok(Changed::NotEnough { left: offer.available });
    }
    if now.is_none() && store::line_count(tx, basket).await? >= MOST_LINES {
        return Ok(Changed::Full);
    }
    if store::has_other_currency(tx, basket, edition, offer.price.currency()).await? {
        return Ok(Changed::OtherCurrency);
    }
    store::put_line(tx, basket, edition, quantity, offer.price).await?;
    store::raise_version(tx, basket).await?;
    Ok(Changed::Done)
}
