//! How the basket is to be delivered, and the discount code and the gift card that count for it.

use identity::Shopper;
use uuid::Uuid;

use super::{BasketDelivery, store};
use crate::Error;
use crate::place::country::is_sent_to;
use crate::purchase::Purchase;
use crate::total::cards::{self, CardRefused};
use crate::total::codes::{self, CodeRefused, CustomerKey};

/// What became of a change to the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryChanged {
    /// It is stored.
    Done,
    /// Nothing is sent there.
    UnknownCountry,
    /// This shop hands nothing over its counter.
    NoCollecting,
}

/// What became of a code that was typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// It counts for the basket: a discount code or a gift card.
    Done(Redeemable),
    /// There is nothing in the basket that it could count for.
    EmptyBasket,
    /// The discount code cannot be used.
    CodeRefused(CodeRefused),
    /// The gift card cannot pay.
    CardRefused(CardRefused),
}

/// What a code may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemable {
    /// Makes the goods cheaper.
    DiscountCode,
    /// Pays a part.
    GiftCard,
}

impl Purchase {
    /// Says how the basket is to be delivered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_delivery(&self, shopper: &Shopper, to: &BasketDelivery) -> Result<DeliveryChanged, Error> {
        if to.collect && self.settings().collect_at.is_none() {
            return Ok(DeliveryChanged::NoCollecting);
        }
        if !is_sent_to(&to.country) {
            return Ok(DeliveryChanged::UnknownCountry);
        }
        let shopper = shopper.id().as_uuid();
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = async {
                    let basket = store::lock_open(&mut tx, shopper).await?;
                    store::set_delivery(&mut tx, basket, to).await
                }
                .await;
                tx.end(result).await
            })
            .await?;
        Ok(DeliveryChanged::Done)
    }

    /// Lets a typed code count for the basket: a discount code, else a gift card. It takes the place of an earlier one of
    /// its kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn redeem(&self, shopper: &Shopper, typed: &str) -> Result<Redeemed, Error> {
        let Some(basket) = self.basket(shopper).await? else { return Ok(Redeemed::EmptyBasket) };
        let Some(price) = basket.lines.iter().find_map(|line| line.price) else { return Ok(Redeemed::EmptyBasket) };
        let currency = price.unit.currency();
        let customer = shopper.customer().map(|customer| CustomerKey::of_email(customer.email()));
        let mut connection = self.database().pool().acquire().await?;
        let code = codes::look_up(&mut connection, typed, currency, customer).await?;
        let card = match code {
            Err(CodeRefused::Unknown) => Some(cards::look_up(&mut connection, typed, currency).await?),
            _ => None,
        };
        drop(connection);
        let (kind, id) = match (code, card) {
            (Ok(code), _) => (Redeemable::DiscountCode, code.id),
            (_, Some(Ok(card))) => (Redeemable::GiftCard, card.id),
            (Err(refused), None | Some(Err(CardRefused::Unknown))) => return Ok(Redeemed::CodeRefused(refused)),
            (_, Some(Err(refused))) => return Ok(Redeemed::CardRefused(refused)),
        };
        self.set_redeemed(shopper, kind, Some(id)).await?;
        Ok(Redeemed::Done(kind))
    }

    /// Takes the discount code or the gift card out of the basket.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_out(&self, shopper: &Shopper, kind: Redeemable) -> Result<(), Error> {
        self.set_redeemed(shopper, kind, None).await
    }

    async fn set_redeemed(&self, shopper: &Shopper, kind: Redeemable, id: Option<Uuid>) -> Result<(), Error> {
        let shopper = shopper.id().as_uuid();
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = async {
                    let basket = store::lock_open(&mut tx, shopper).await?;
                    match kind {
                        Redeemable::DiscountCode => store::set_discount_code(&mut tx, basket, id).await,
                        Redeemable::GiftCard => store::set_gift_card(&mut tx, basket, id).await,
                    }
                }
                .await;
                tx.end(result).await
            })
            .await
    }
}
