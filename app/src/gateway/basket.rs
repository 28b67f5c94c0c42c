//! The basket and the checkout page.

use std::collections::HashMap;

use identity::Shopper;
use purchase::basket::{Changed, MOST_COPIES};
use purchase::contact::{COUNTRIES, ContactField, ContactForm, ContactProblem};
use purchase::place::{PlaceOrder, PlaceOutcome};
use purchase::token::Token;
use search::EditionCard;

use super::Gateway;
use super::books::{author_view, format_name, language_name, price, subject_view};
use crate::error::{AppError, Refused, Why};
use crate::view::{Basket, BasketLine, Checkout, Country, Placed};

impl Gateway {
    /// The caller's basket; empty for a passer-by.
    ///
    /// # Errors
    /// When a module fails.
    pub async fn basket(&self) -> Result<Basket, AppError> {
        match self.shopper().await? {
            Some(shopper) => self.basket_of(&shopper).await,
            None => Ok(Basket { lines: Vec::new(), total: None, token: None }),
        }
    }

    async fn basket_of(&self, shopper: &Shopper) -> Result<Basket, AppError> {
        let Some(basket) = self.purchase.basket(shopper).await? else {
            return Ok(Basket { lines: Vec::new(), total: None, token: None });
        };
        let mut cards = self.cards(&basket).await?;
        let lines = basket.lines.iter().map(|line| line_view(line, cards.remove(&line.edition))).collect();
        Ok(Basket { lines, total: Some(price(basket.total)), token: Some(basket.token.to_string()) })
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
        // Nobody becomes a guest for a book that is not there.
        if self.purchase.offers(&[edition]).await?.is_empty() {
            return Err(AppError::NotFound);
        }
        let shopper = self.shopper_or_new().await?;
        changed(edition, self.purchase.add_to_basket(&shopper, edition, quantity).await?)?;
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

    /// The checkout page.
    ///
    /// # Errors
    /// When a module fails.
    pub async fn checkout(&self) -> Result<Checkout, AppError> {
        let shopper = self.shopper().await?;
        let customer = shopper.as_ref().and_then(Shopper::customer);
        let country = |(code, name): (&str, &str)| Country { code: code.to_owned(), name: name.to_owned() };
        Ok(Checkout {
            basket: self.basket().await?,
            countries: COUNTRIES.into_iter().map(country).collect(),
            email: customer.map(|customer| customer.email().to_owned()).unwrap_or_default(),
            name: customer.map(|customer| customer.name().to_owned()).unwrap_or_default(),
            signed_in: customer.is_some(),
        })
    }

    /// Orders what the token stands for. Whether an earlier arrival of the same form did it is told beside the answer.
    ///
    /// # Errors
    /// Why nothing was ordered.
    pub async fn place_order(&self, token: &str, contact: ContactForm) -> Result<(Placed, bool), AppError> {
        let token = Token::parse(token).ok_or(AppError::Malformed)?;
        let shopper = self.shopper().await?.ok_or(AppError::EmptyBasket)?;
        let titles = self.titles(&shopper).await?;
        match self.purchase.place_order(&shopper, PlaceOrder { token, contact }, titles).await? {
            PlaceOutcome::Placed(placed) => {
                let order = format!("/order/{}", placed.link);
                let pay = placed.can_pay.then(|| format!("{order}/pay"));
                Ok((Placed { order, pay }, placed.replayed))
            }
            PlaceOutcome::BasketChanged => Err(AppError::BasketChanged),
            PlaceOutcome::EmptyBasket => Err(AppError::EmptyBasket),
            PlaceOutcome::TooManyLines => Err(AppError::BasketFull),
            PlaceOutcome::SoldOut { edition, left } => Err(AppError::SoldOut { edition, left }),
            PlaceOutcome::Invalid(fields) => {
                Err(AppError::Invalid { fields: fields.into_iter().map(refused).collect() })
            }
        }
    }

    async fn titles(&self, shopper: &Shopper) -> Result<HashMap<u64, String>, AppError> {
        let Some(basket) = self.purchase.basket(shopper).await? else { return Ok(HashMap::new()) };
        let mut cards = self.cards(&basket).await?;
        let titled =
            |line: &purchase::basket::BasketLine| (line.edition, line_view(line, cards.remove(&line.edition)).title);
        Ok(basket.lines.iter().map(titled).collect())
    }
}

/// A line as the shopper sees it. One whose book has left the catalogue is shown too: nothing is charged in silence.
fn line_view(line: &purchase::basket::BasketLine, card: Option<EditionCard>) -> BasketLine {
    let (unit_price, total) = (price(line.unit_price), price(line.total));
    let (edition, quantity, available) = (line.edition, line.quantity, line.available);
    match card {
        Some(card) => BasketLine {
            edition,
            slug: card.slug,
            title: card.title,
            authors: card.authors.into_iter().map(author_view).collect(),
            subject: card.subject.map(subject_view),
            edition_text: format!("{}, {}", format_name(card.format), language_name(&card.language)),
            quantity,
            available,
            unit_price,
            total,
        },
        None => BasketLine {
            edition,
            slug: String::new(),
            title: format!("Book no. {edition}, no longer listed"),
            authors: Vec::new(),
            subject: None,
            edition_text: String::new(),
            quantity,
            available,
            unit_price,
            total,
        },
    }
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
    }
}

fn refused((field, problem): (ContactField, ContactProblem)) -> Refused {
    let field = match field {
        ContactField::Email => "email",
        ContactField::Name => "name",
        ContactField::Street => "street",
        ContactField::Postcode => "postcode",
        ContactField::City => "city",
        ContactField::Country => "country",
    };
    let why = match problem {
        ContactProblem::Missing => Why::Missing,
        ContactProblem::TooLong => Why::TooLong,
        ContactProblem::Malformed => Why::Malformed,
    };
    Refused { field: field.to_owned(), why }
}
