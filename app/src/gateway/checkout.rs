//! The checkout: what it shows, and placing the order.

use std::collections::HashMap;

use http::{HeaderName, StatusCode};
use identity::Shopper;
use purchase::place::contact::{ContactField, ContactForm, ContactProblem};
use purchase::place::idempotency::{Key, Refusal};
use purchase::place::token::Token;
use purchase::place::{PlaceOrder, PlaceOutcome, Progress};
use search::{Catalogue, EditionCard};

use super::Gateway;
use super::basket::{unlisted, words_for};
use super::cost::code_problem;
use crate::error::{AppError, Refused, Why};
use crate::view::{Checkout, Placed};

impl Gateway {
    /// The checkout page.
    ///
    /// # Errors
    /// When a module fails.
    pub async fn checkout(&self) -> Result<Checkout, AppError> {
        let shopper = self.shopper().await?;
        let customer = shopper.as_ref().and_then(Shopper::customer);
        Ok(Checkout {
            basket: self.basket().await?,
            collect_at: self.purchase.collect_at().map(ToOwned::to_owned),
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
            PlaceOutcome::Refused { why, replayed: again } => {
                if again {
                    replayed();
                }
                Err(match why {
                    Refusal::SoldOut { edition, left } => AppError::SoldOut { edition, left },
                    Refusal::DiscountCode { why } => AppError::CodeRefused { why: code_problem(why) },
                    Refusal::GiftCard => AppError::GiftCardRefused,
                })
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
    let mut cards: HashMap<u64, EditionCard> =
        catalogue.editions(&editions).await?.into_iter().map(|card| (card.edition_id, card)).collect();
    let title = |edition: u64| cards.remove(&edition).map_or_else(|| unlisted(edition), |card| words_for(&card));
    let titles = editions.iter().copied().map(title).collect::<Vec<_>>();
    Ok(editions.into_iter().zip(titles).collect())
}

fn refused((field, problem): (ContactField, ContactProblem)) -> Refused {
    let field = match field {
        ContactField::Email => "email",
        ContactField::Name => "name",
        ContactField::Street => "street",
        ContactField::Postcode => "postcode",
        ContactField::City => "city",
    };
    let why = match problem {
        ContactProblem::Missing => Why::Missing,
        ContactProblem::TooLong => Why::TooLong,
        ContactProblem::Malformed => Why::Malformed,
    };
    Refused { field: field.to_owned(), why }
}
