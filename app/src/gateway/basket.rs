//! The basket: its lines, its delivery, and the codes that count for it.

use std::collections::HashMap;

use identity::Shopper;
use purchase::basket::{BasketDelivery, Changed, DeliveryChanged, MOST_COPIES, Redeemed};
use purchase::place::country::{COUNTRIES, country_name};
use search::{EditionCard, EditionTitle};

use super::books::{author_view, format_name, language_name, price, subject_view};
use super::cost::{basket_cost, card_problem, code_problem, obstacle};
use super::{Gateway, session};
use crate::error::{AppError, Why};
use crate::view::{Basket, BasketLine, Country, Delivery, DeliveryChoices, DiscountCode, GiftCard, Redeemable, Way};

impl Gateway {
    /// The caller's basket; empty for a passer-by.
    ///
    /// # Errors
    /// When a module fails.
    pub async fn basket(&self) -> Result<Basket, AppError> {
        match self.shopper().await? {
            Some(shopper) => self.basket_of(&shopper).await,
            None => Ok(Basket::default()),
        }
    }

    async fn basket_of(&self, shopper: &Shopper) -> Result<Basket, AppError> {
        let Some(basket) = self.purchase.basket(shopper).await? else { return Ok(Basket::default()) };
        let mut cards = self.cards(&basket).await?;
        let priced = basket.priced.as_ref();
        Ok(Basket {
            lines: basket.lines.iter().map(|line| line_view(line, cards.remove(&line.edition))).collect(),
            delivery: Some(Delivery {
                way: if basket.delivery.collect { Way::Collect } else { Way::Ship },
                country: country(&basket.delivery.country),
            }),
            cost: priced.ok().map(|priced| basket_cost(&priced.total)),
            obstacle: priced.err().copied().map(obstacle),
            token: priced.ok().map(|priced| priced.token.to_string()),
            discount_code: basket
                .discount_code
                .map(|code| DiscountCode { problem: code.found.err().map(code_problem), code: code.code }),
            gift_card: basket.gift_card.map(|card| GiftCard {
                left: card.found.ok().map(|card| price(card.left)),
                problem: card.found.err().map(card_problem),
            }),
        })
    }

    /// The words for what is in a basket: the purchase knows editions by their ids alone.
    async fn cards(&self, basket: &purchase::basket::Basket) -> Result<HashMap<u64, EditionCard>, AppError> {
        let ids: Vec<u64> = basket.lines.iter().map(|line| line.edition).collect();
        let cards = self.catalogue.editions(&ids).await?;
        Ok(cards.into_iter().map(|card| (card.edition_id, card)).collect())
    }

    /// Puts copies into the basket.
    ///
    /// # Errors
    /// What is not acceptable, or when a module fails.
    pub async fn add_to_basket(&self, edition: u64, quantity: i64) -> Result<Basket, AppError> {
        let quantity = copies(quantity)?;
        if quantity < 1 {
            return Err(AppError::refused("quantity", Why::OutOfRange));
        }
        let session = session()?;
        let shopper = self.identity.shopper_or_new(&session).await?;
        changed(edition, self.purchase.add_to_basket(&shopper, edition, quantity).await?)?;
        // Nobody becomes a guest for a book that cannot be had.
        self.identity.remember(&session, &shopper).await?;
        self.basket_of(&shopper).await
    }

    /// Sets how many copies are in the basket; 0 takes the book out.
    ///
    /// # Errors
    /// What is not acceptable, or when a module fails.
    pub async fn set_quantity(&self, edition: u64, quantity: i64) -> Result<Basket, AppError> {
        let quantity = copies(quantity)?;
        let shopper = self.shopper().await?.ok_or(AppError::EmptyBasket)?;
        changed(edition, self.purchase.set_quantity(&shopper, edition, quantity).await?)?;
        self.basket_of(&shopper).await
    }

    /// How this shop delivers.
    #[must_use]
    pub fn delivery_choices(&self) -> DeliveryChoices {
        DeliveryChoices {
            countries: COUNTRIES.into_iter().map(|(code, _)| country(code)).collect(),
            collect_at: self.purchase.collect_at().map(ToOwned::to_owned),
        }
    }

    /// Says how the basket is to be delivered.
    ///
    /// # Errors
    /// What is not acceptable, or when a module fails.
    pub async fn set_delivery(&self, way: Way, country: String) -> Result<Basket, AppError> {
        let shopper = self.shopper().await?.ok_or(AppError::EmptyBasket)?;
        let to = BasketDelivery { collect: way == Way::Collect, country };
        match self.purchase.set_delivery(&shopper, &to).await? {
            DeliveryChanged::Done => self.basket_of(&shopper).await,
            DeliveryChanged::UnknownCountry => Err(AppError::refused("country", Why::OutOfRange)),
            DeliveryChanged::NoCollecting => Err(AppError::refused("way", Why::OutOfRange)),
        }
    }

    /// Lets a discount code or a gift card count for the basket.
    ///
    /// # Errors
    /// Why it cannot, or when a module fails.
    pub async fn add_code(&self, code: &str) -> Result<Basket, AppError> {
        let shopper = self.shopper().await?.ok_or(AppError::EmptyBasket)?;
        let why = match self.purchase.redeem(&shopper, code).await? {
            Redeemed::Done(_) => return self.basket_of(&shopper).await,
            Redeemed::EmptyBasket => return Err(AppError::EmptyBasket),
            Redeemed::CodeRefused(_) if code.trim().is_empty() => Why::Missing,
            Redeemed::CodeRefused(why) => code_problem(why),
            Redeemed::CardRefused(why) => card_problem(why),
        };
        Err(AppError::refused("code", why))
    }

    /// Takes the discount code or the gift card out of the basket.
    ///
    /// # Errors
    /// When there is no basket, or a module fails.
    pub async fn remove_code(&self, kind: Redeemable) -> Result<Basket, AppError> {
        let shopper = self.shopper().await?.ok_or(AppError::EmptyBasket)?;
        let kind = match kind {
            Redeemable::DiscountCode => purchase::basket::Redeemable::DiscountCode,
            Redeemable::GiftCard => purchase::basket::Redeemable::GiftCard,
        };
        self.purchase.take_out(&shopper, kind).await?;
        self.basket_of(&shopper).await
    }
}

fn country(code: &str) -> Country {
    Country { code: code.to_owned(), name: country_name(code).to_owned() }
}

/// A title, and which of its editions: two may lie in one order.
pub(super) fn words_for(title: &EditionTitle) -> String {
    format!("{}, {}", title.title, format_name(title.format).to_lowercase())
}

/// What a book is called that has left the catalogue.
pub(super) fn unlisted(edition: u64) -> String {
    format!("Book no. {edition}, no longer listed")
}

/// A line as the shopper sees it. One whose book has left the catalogue is shown too: nothing is charged in silence.
fn line_view(line: &purchase::basket::BasketLine, card: Option<EditionCard>) -> BasketLine {
    let mut view = BasketLine {
        edition: line.edition,
        slug: String::new(),
        title: unlisted(line.edition),
        authors: Vec::new(),
        subject: None,
        edition_text: String::new(),
        quantity: line.quantity,
        available: line.available,
        wanted: line.wanted,
        unit_price: line.price.map(|line| price(line.unit)),
        price_then: line.price_then.map(price),
        total: line.price.map(|line| price(line.total)),
    };
    if let Some(card) = card {
        view.edition_text = format!("{}, {}", format_name(card.format), language_name(&card.language));
        view.authors = card.authors.into_iter().map(author_view).collect();
        view.subject = card.subject.map(subject_view);
        (view.slug, view.title) = (card.slug, card.title);
    }
    view
}

fn copies(quantity: i64) -> Result<i32, AppError> {
    i32::try_from(quantity)
        .ok()
        .filter(|quantity| (0..=MOST_COPIES).contains(quantity))
        .ok_or_else(|| AppError::refused("quantity", Why::OutOfRange))
}

fn changed(edition: u64, outcome: Changed) -> Result<(), AppError> {
    match outcome {
        Changed::Done => Ok(()),
        Changed::UnknownEdition => Err(AppError::NotFound),
        Changed::BadQuantity => Err(AppError::refused("quantity", Why::OutOfRange)),
        Changed::NotEnough { left } => Err(AppError::SoldOut { edition, left }),
        Changed::Full => Err(AppError::BasketFull),
        Changed::OtherCurrency => Err(AppError::OtherCurrency),
    }
}
