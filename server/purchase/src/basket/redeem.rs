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

/// What a shopper decides for the whole basket.
#[derive(Clone, Copy)]
pub(super) enum Choice<'a> {
    Delivery(&'a BasketDelivery),
    DiscountCode(Option<Uuid>),
    GiftCard(Option<Uuid>),
}

impl Choice<'_> {
    fn of(kind: Redeemable, id: Option<Uuid>) -> Self {
        match kind {
            Redeemable::DiscountCode => Self::DiscountCode(id),
            Redeemable::GiftCard => Self::GiftCard(id),
        }
    }
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
        self.choose(shopper, Choice::Delivery(to)).await?;
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
        let customer = CustomerKey::of_shopper(shopper);
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
        self.choose(shopper, Choice::of(kind, Some(id))).await?;
        Ok(Redeemed::Done(kind))
    }

    /// Takes the discount code or the gift card out of the basket.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_out(&self, shopper: &Shopper, kind: Redeemable) -> Result<(), Error> {
        self.choose(shopper, Choice::of(kind, None)).await
    }

    async fn choose(&self, shopper: &Shopper, choice: Choice<'_>) -> Result<(), Error> {
        let shopper = shopper.id().as_uuid();
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = async {
                    let basket = store::lock_open(&mut tx, shopper).await?.id;
                    store::set(&mut tx, basket, choice).await
                }
                .await;
                tx.end(result).await
            })
            .await
    }
}
