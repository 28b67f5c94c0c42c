//! Placing an order: the key is claimed and the copies are held, then the bank is asked. However often the same
//! request arrives, it leads to one order and one answer.

pub mod contact;
pub mod country;
pub(crate) mod hold;
pub mod idempotency;
mod placed;
pub mod token;

use std::collections::HashMap;
use std::future::Future;
use std::ops::RangeInclusive;
use std::time::Duration;

use identity::Shopper;
use uuid::Uuid;

use crate::Error;
use crate::basket::{Basket, MOST_LINES, Priced};
use crate::money::Money;
use crate::order::{self, OrderLink};
use crate::place::contact::{Contact, ContactField, ContactForm, ContactProblem};
use crate::place::hold::{Holding, NewLine, NewOrder};
use crate::place::idempotency::{Key, Outcome, Record, Refusal, fingerprint};
pub use crate::place::placed::{Placed, Progress};
use crate::place::token::Token;
use crate::purchase::Purchase;
use crate::settle::Settled;
use crate::settle::attempt::{AttemptState, NewAttempt};
use crate::settle::opening::Opening;
use crate::total::cards::CardUse;
use crate::total::codes::{CodeUse, CustomerKey};
use crate::total::redeem::Redemption;

/// The bank's page closes this long before the hold ends, so that what it says last is heard in time.
const BANK_CLOSES_BEFORE: Duration = Duration::from_mins(5);
/// How long after the hold's start the bank's page may still be opened: it wants 30 minutes of its own.
const BANK_OPENS_WITHIN: Duration = Duration::from_mins(4);
/// How often placing begins anew when the basket or the key was taken meanwhile, before the basket counts as changed.
const MOST_TRIES: usize = 3;

/// How many minutes copies can be held for who pays: what the bank wants for itself and our two margins at least, and
/// far less than the day after which a silent bank is given up.
pub const HOLD_MINUTES: RangeInclusive<u64> = 39..=720;

/// A request that orders what is in the basket.
#[derive(Clone, Debug)]
pub struct PlaceOrder {
    /// Under what it is sent.
    pub key: Key,
    /// What was shown and is accepted: the basket, its version and what it costs.
    pub token: Token,
    /// Where it goes.
    pub contact: ContactForm,
    /// What an API client pays with; without it the shopper pays on the bank's page.
    pub method: Option<String>,
}

/// What placing an order comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceOutcome {
    /// There is an order.
    Placed(Placed),
    /// The key stands for another request.
    KeyReused,
    /// The basket is not what was shown; nothing was ordered.
    BasketChanged,
    /// There is nothing in the basket, and no order of this request.
    EmptyBasket,
    /// The basket has more lines than one order takes; nothing was ordered.
    TooManyLines,
    /// These fields cannot be accepted; nothing was ordered.
    Invalid(Vec<(ContactField, ContactProblem)>),
    /// It cannot be had any more; nothing was ordered.
    Refused {
        /// What cannot be had.
        why: Refusal,
        /// Whether an earlier arrival of the same request was told so.
        replayed: bool,
    },
}

impl PlaceOrder {
    fn fingerprint(&self) -> [u8; 32] {
        let contact = &self.contact;
        fingerprint(&[
            "place_order",
            &self.token.to_string(),
            contact.email.trim(),
            contact.name.trim(),
            contact.street.trim(),
            contact.postcode.trim(),
            contact.city.trim(),
            self.method.as_deref().unwrap_or_default(),
        ])
    }
}

impl Purchase {
    /// Places the order that the request stands for. `titles` finds the words for editions. The work goes on when the
    /// caller hangs up.
    ///
    /// # Errors
    /// When the database fails or too many wait, or what `titles` says; the same request may then be sent again.
    pub async fn place_order<E, Titles, Found>(
        &self,
        shopper: &Shopper,
        request: PlaceOrder,
        titles: Titles,
    ) -> Result<PlaceOutcome, E>
    where
        E: From<Error> + Send + 'static,
        Titles: Fn(Vec<u64>) -> Found + Send + Sync + 'static,
        Found: Future<Output = Result<HashMap<u64, String>, E>> + Send,
    {
        let (purchase, shopper) = (self.clone(), shopper.clone());
        let work = async move { purchase.place(&shopper, &request, titles).await };
        self.tasks().spawn(work).await.unwrap_or_else(|_| Err(Error::Defect("placing an order panicked").into()))
    }

    async fn place<E, Titles, Found>(
        &self,
        shopper: &Shopper,
        request: &PlaceOrder,
        titles: Titles,
    ) -> Result<PlaceOutcome, E>
    where
        E: From<Error>,
        Titles: Fn(Vec<u64>) -> Found,
        Found: Future<Output = Result<HashMap<u64, String>, E>>,
    {
        for _ in 0..MOST_TRIES {
            if let Some(record) = self.recorded(shopper, &request.key).await? {
                return Ok(self.again(request, record).await?);
            }
            let Some((basket, priced)) = self.wanted(shopper, request).await? else {
                return Ok(self.without_basket(shopper, request).await?);
            };
            if basket.lines.len() > MOST_LINES {
                return Ok(PlaceOutcome::TooManyLines);
            }
            let contact = match Contact::parse(&request.contact, basket.delivery.collect) {
                Ok(contact) => contact,
                Err(refused) => return Ok(PlaceOutcome::Invalid(refused)),
            };
            let titles = titles(basket.lines.iter().map(|line| line.edition).collect()).await?;
            let order = self.new_order(shopper, request, &basket, priced, contact, &titles)?;
            let (id, link, attempt) = (order.id, order.link, order.attempt.begun());
            match self.tills().holds.ask(order).await? {
                Holding::Held => {}
                Holding::Refused(why) => return Ok(PlaceOutcome::Refused { why, replayed: false }),
                // The same arrived twice at once, or the basket was changed: another look shows which.
                Holding::Taken => continue,
            }
            if attempt.state == AttemptState::Captured {
                self.wake_relay();
                let progress = Progress::Paid;
                return Ok(PlaceOutcome::Placed(Placed { link, progress, payable: false, replayed: false }));
            }
            let progress = match self.advance(&attempt).await {
                Ok(Settled::Waiting) if attempt.method.is_none() => Progress::Page,
                Ok(Settled::Sold) => Progress::Paid,
                Ok(_) => {
                    return Ok(PlaceOutcome::Placed(Placed { replayed: false, ..self.ordered(id).await?.placed() }));
                }
                Err(error) => {
                    tracing::warn!(attempt = %attempt.id, error = &error as &dyn std::error::Error, "the bank has not answered yet");
                    Progress::Pending
                }
            };
            let payable = progress == Progress::Page;
            return Ok(PlaceOutcome::Placed(Placed { link, progress, payable, replayed: false }));
        }
        Ok(self.without_basket(shopper, request).await?)
    }

    /// The basket, if it still is what the request speaks of.
    async fn wanted(&self, shopper: &Shopper, request: &PlaceOrder) -> Result<Option<(Basket, Priced)>, Error> {
        let Some(basket) = self.basket(shopper).await? else { return Ok(None) };
        let priced = basket.priced.clone().ok().filter(|priced| priced.token == request.token);
        Ok(priced.map(|priced| (basket, priced)))
    }

    /// The basket is not what the request speaks of: it has become an order, or was changed.
    async fn without_basket(&self, shopper: &Shopper, request: &PlaceOrder) -> Result<PlaceOutcome, Error> {
        if let Some(record) = self.recorded(shopper, &request.key).await? {
            return self.again(request, record).await;
        }
        if let Some(order) = self.order_of_token(shopper, request.token).await? {
            return Ok(PlaceOutcome::Placed(self.ordered(order).await?.placed()));
        }
        let basket = self.basket(shopper).await?;
        Ok(if basket.is_some() { PlaceOutcome::BasketChanged } else { PlaceOutcome::EmptyBasket })
    }

    /// The same request once more: the same answer, or, where work was left lying, its end.
    async fn again(&self, request: &PlaceOrder, record: Record) -> Result<PlaceOutcome, Error> {
        // A form's token already says what is ordered; its page shows the rest.
        if matches!(request.key, Key::Client(_)) && record.fingerprint != request.fingerprint() {
            return Ok(PlaceOutcome::KeyReused);
        }
        let order = match record.outcome {
            Outcome::Refused(why) => return Ok(PlaceOutcome::Refused { why, replayed: true }),
            Outcome::Ordered(order) => order,
        };
        let mut ordered = self.ordered(order).await?;
        if ordered.is_left_alone() {
            if let Err(error) = self.settle(ordered.attempt).await {
                tracing::warn!(attempt = %ordered.attempt, error = &error as &dyn std::error::Error, "the bank has not answered yet");
            }
            ordered = self.ordered(order).await?;
        }
        Ok(PlaceOutcome::Placed(ordered.placed()))
    }

    fn new_order(
        &self,
        shopper: &Shopper,
        request: &PlaceOrder,
        basket: &Basket,
        Priced { total, token }: Priced,
        contact: Contact,
        titles: &HashMap<u64, String>,
    ) -> Result<NewOrder, Error> {
        let (id, attempt) = (Uuid::now_v7(), Uuid::now_v7());
        let (number, link) = (order::random_number(), OrderLink::random());
        let hold_ends = basket.seen_at + self.settings().hold;
        let expires_at = hold_ends - BANK_CLOSES_BEFORE;
        let discounts: HashMap<u64, Money> = total.lines.iter().map(|line| (line.edition, line.discount)).collect();
        let lines = basket
            .lines
            .iter()
            .map(|line| {
                let title = titles.get(&line.edition).ok_or(Error::Defect("a line without a title"))?.clone();
                let unit_price = line.price.ok_or(Error::Defect("a line without a price"))?.unit.minor();
                let discount = discounts.get(&line.edition).map_or(0, |discount| discount.minor());
                Ok(NewLine { edition: line.edition, title, quantity: line.quantity, unit_price, discount })
            })
            .collect::<Result<Vec<NewLine>, Error>>()?;
        // With nothing to pay there is nothing to open.
        let body = if total.to_pay.minor() == 0 {
            String::new()
        } else {
            self.opening_body(Opening {
                attempt,
                order_number: &number,
                link,
                email: &contact.email,
                method: request.method.as_deref(),
                lines: lines.iter().map(|line| (line.title.as_str(), line.quantity, line.unit_price)).collect(),
                shipping: total.shipping.minor(),
                amount: total.to_pay,
                expires_at,
            })
        };
        let customer = CustomerKey::of_email(&contact.email);
        let code = basket.discount_code.as_ref().filter(|code| code.found.is_ok());
        let card = basket.gift_card.and_then(|card| card.found.ok()).filter(|_| total.gift_card.minor() > 0);
        Ok(NewOrder {
            id,
            number,
            link,
            key: request.key.clone(),
            fingerprint: request.fingerprint(),
            shopper: shopper.id().as_uuid(),
            basket: basket.id,
            version: basket.version,
            token,
            contact,
            delivery: basket.delivery.clone(),
            lines,
            hold_ends,
            attempt: NewAttempt {
                id: attempt,
                order: id,
                amount: total.to_pay,
                method: request.method.clone(),
                body,
                lease: Uuid::new_v4(),
                create_until: basket.seen_at + BANK_OPENS_WITHIN,
                expires_at,
            },
            redeems: Redemption {
                code: code.and_then(|code| code.found.ok()).map(|found| CodeUse {
                    order: id,
                    code: found.id,
                    customer,
                }),
                card: card.map(|found| CardUse { order: id, card: found.id, amount: total.gift_card }),
            },
            discount_code: code.map(|code| code.code.clone()),
            total,
        })
    }
}
