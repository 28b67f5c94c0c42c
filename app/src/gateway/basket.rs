//! The basket and the checkout page.

use std::collections::HashMap;

use http::{HeaderName, StatusCode};
use identity::Shopper;
use purchase::basket::{Changed, MOST_COPIES};
use purchase::place::contact::{COUNTRIES, ContactField, ContactForm, ContactProblem};
use purchase::place::idempotency::Key;
use purchase::place::token::Token;
use purchase::place::{PlaceOrder, PlaceOutcome, Progress};
use search::{Catalogue, EditionCard, EditionTitle};

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

    /// Orders what the token stands for, once however often it is sent. Marks an answer that was given before by
    /// `Idempotent-Replayed`.
    ///
    /// # Errors
    /// Why nothing was ordered.
    pub async fn place_order(
        &self,
        token: &str,
        contact: ContactForm,
        method: Option<String>,
    ) -> Result<Placed, AppError> {
        let token = Token::parse(token).ok_or(AppError::Malformed)?;
        let key = super::idempotency_key(token)?;
        let method = method.map(payment_method).transpose()?;
        let shopper = self.shopper().await?.ok_or(AppError::EmptyBasket)?;
        let catalogue = self.catalogue.clone();
        let titles = move |editions: Vec<u64>| titles(catalogue.clone(), editions);
        let by_form = matches!(key, Key::Form(_));
        let request = PlaceOrder { key, token, contact, method };
        let replayed = || super::set_header(HeaderName::from_static("idempotent-replayed"), "true");
        match self.purchase.place_order(&shopper, request, titles).await? {
            PlaceOutcome::Placed(placed) => {
                if placed.replayed && !matches!(placed.progress, Progress::InFlight | Progress::Pending) {
                    replayed();
                }
                answer(placed, by_form)
            }
            PlaceOutcome::SoldOut { edition, left, replayed: again } => {
                if again {
                    replayed();
                }
                Err(AppError::SoldOut { edition, left })
            }
            PlaceOutcome::KeyReused => Err(AppError::KeyReused),
            PlaceOutcome::BasketChanged => Err(AppError::BasketChanged),
            PlaceOutcome::EmptyBasket => Err(AppError::EmptyBasket),
            PlaceOutcome::TooManyLines => Err(AppError::BasketFull),
            PlaceOutcome::Invalid(fields) => {
                Err(AppError::Invalid { fields: fields.into_iter().map(refused).collect() })
            }
        }
    }
}

/// A form is led to where its order can be paid or looked at; an API client is told what came of it.
fn answer(placed: purchase::place::Placed, by_form: bool) -> Result<Placed, AppError> {
    let order = format!("/order/{}", placed.link);
    let pay = Some(format!("{order}/pay"));
    if by_form {
        return Ok(Placed { pay: pay.filter(|_| placed.payable), paid: false, order });
    }
    super::lead_to(&order);
    match placed.progress {
        Progress::Page => Ok(Placed { pay, paid: false, order }),
        Progress::Paid => Ok(Placed { pay: None, paid: true, order }),
        // A worker sees to it.
        Progress::Pending => {
            crate::part::set_status(StatusCode::ACCEPTED);
            Ok(Placed { pay: None, paid: false, order })
        }
        Progress::InFlight => Err(AppError::InFlight),
        Progress::Declined { code } => Err(AppError::Declined { reason: reason(code) }),
        Progress::Ended => Err(AppError::OrderEnded),
    }
}

/// A bank's code, if it looks like one: errors carry no free text.
fn reason(code: String) -> String {
    let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_code { code } else { "declined".to_owned() }
}

/// A payment method's id at the bank, such as `pm_card_visa`.
fn payment_method(method: String) -> Result<String, AppError> {
    let is_id =
        (1..=120).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_id { Ok(method) } else { Err(AppError::refused("payment_method", Why::Malformed)) }
}

/// The words for what is ordered: the purchase knows editions by their ids alone.
async fn titles(catalogue: Catalogue, editions: Vec<u64>) -> Result<HashMap<u64, String>, AppError> {
    let listed = catalogue.edition_titles(&editions).await?;
    let mut titles: HashMap<u64, String> = listed.iter().map(|title| (title.edition_id, words_for(title))).collect();
    for edition in editions {
        titles.entry(edition).or_insert_with(|| unlisted(edition));
    }
    Ok(titles)
}

/// A title, and which of its editions: two may lie in one order.
pub(super) fn words_for(title: &EditionTitle) -> String {
    format!("{}, {}", title.title, format_name(title.format).to_lowercase())
}

/// What a book is called that has left the catalogue.
fn unlisted(edition: u64) -> String {
    format!("Book no. {edition}, no longer listed")
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
            title: unlisted(edition),
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
