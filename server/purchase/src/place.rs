//! Placing an order: the token is claimed, the copies are held, a page is opened at the bank. However often the
//! same form arrives, it leads to one order.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use database::is_duplicate;
use identity::Shopper;
use uuid::Uuid;

use crate::Error;
use crate::attempt::{self, NewAttempt};
use crate::basket::{Basket, MOST_LINES};
use crate::contact::{Contact, ContactField, ContactForm, ContactProblem};
use crate::copies::Copies;
use crate::order::{self, OrderLink, OrderState};
use crate::payment::SessionRequest;
use crate::purchase::Purchase;
use crate::stock;
use crate::token::Token;

/// The bank's page closes this long before the hold ends, so that what it says last is heard in time.
const BANK_CLOSES_BEFORE: Duration = Duration::from_mins(5);
/// How long after the hold's start the bank's page may still be opened: it wants 30 minutes of its own.
const BANK_OPENS_WITHIN: Duration = Duration::from_mins(4);

/// How many minutes copies can be held for who pays: what the bank wants for itself and our two margins at least, and
/// far less than the day after which a silent bank is given up.
pub const HOLD_MINUTES: RangeInclusive<u64> = 39..=720;

/// What arrives with the checkout form.
#[derive(Clone, Debug)]
pub struct PlaceOrder {
    /// The form's token.
    pub token: Token,
    /// Where it goes.
    pub contact: ContactForm,
}

/// An order that this form made, now or earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The address of its page.
    pub link: OrderLink,
    /// Whether the bank's page is open, so that the shopper can go there.
    pub can_pay: bool,
    /// Whether an earlier arrival of the same form made it.
    pub replayed: bool,
}

/// What placing an order comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceOutcome {
    /// There is an order.
    Placed(Placed),
    /// The basket is not what the form showed; nothing was ordered.
    BasketChanged,
    /// There is nothing in the basket, and no order of this form.
    EmptyBasket,
    /// The basket has more lines than one order takes; nothing was ordered.
    TooManyLines,
    /// These fields cannot be accepted; nothing was ordered.
    Invalid(Vec<(ContactField, ContactProblem)>),
    /// Not enough copies are left; nothing was ordered.
    SoldOut {
        /// The edition that there are too few of.
        edition: u64,
        /// Copies that are left.
        left: i32,
    },
}

/// A wish that passed every check and waits for its copies.
struct Wish {
    shopper: Uuid,
    basket: Basket,
    contact: Contact,
    titles: HashMap<u64, String>,
}

struct Held {
    attempt: Uuid,
    link: OrderLink,
    body: String,
}

enum HoldOutcome {
    Held(Held),
    Taken,
    SoldOut { edition: u64, left: i32 },
}

impl Purchase {
    /// Places the order that the form's token stands for. `titles` are the words for the editions in the basket.
    /// The work goes on when the caller hangs up.
    ///
    /// # Errors
    /// When the database fails; the same form may then be sent again.
    pub async fn place_order(
        &self,
        shopper: &Shopper,
        request: PlaceOrder,
        titles: HashMap<u64, String>,
    ) -> Result<PlaceOutcome, Error> {
        let (purchase, shopper) = (self.clone(), shopper.clone());
        let work = async move { purchase.place(&shopper, request, titles).await };
        self.tasks().spawn(work).await.unwrap_or(Err(Error::Defect("placing an order panicked")))
    }

    async fn place(
        &self,
        shopper: &Shopper,
        request: PlaceOrder,
        titles: HashMap<u64, String>,
    ) -> Result<PlaceOutcome, Error> {
        if let Some(placed) = self.placed_by(shopper, request.token).await? {
            return Ok(PlaceOutcome::Placed(placed));
        }
        let basket = match self.basket(shopper).await? {
            Some(basket) if basket.token == request.token => basket,
            other => {
                // The same form may have become an order between the two reads.
                let placed = self.placed_by(shopper, request.token).await?.map(PlaceOutcome::Placed);
                let nothing = if other.is_some() { PlaceOutcome::BasketChanged } else { PlaceOutcome::EmptyBasket };
                return Ok(placed.unwrap_or(nothing));
            }
        };
        if basket.lines.len() > MOST_LINES {
            return Ok(PlaceOutcome::TooManyLines);
        }
        let contact = match Contact::parse(&request.contact) {
            Ok(contact) => contact,
            Err(refused) => return Ok(PlaceOutcome::Invalid(refused)),
        };
        let wish = Wish { shopper: shopper.id().as_uuid(), basket, contact, titles };
        let held = match self.database().retry(|| self.hold(&wish)).await {
            Ok(HoldOutcome::Held(held)) => held,
            Ok(HoldOutcome::SoldOut { edition, left }) => return Ok(PlaceOutcome::SoldOut { edition, left }),
            // The same form arrived twice at once, or the basket was changed: the order says which.
            Ok(HoldOutcome::Taken) => {
                return Ok(self
                    .placed_by(shopper, request.token)
                    .await?
                    .map_or(PlaceOutcome::BasketChanged, PlaceOutcome::Placed));
            }
            // Nobody knows whether the order is there, except the database.
            Err(error @ Error::Database(database::Error::CommitUnknown(_))) => {
                return match self.placed_by(shopper, request.token).await? {
                    Some(placed) => Ok(PlaceOutcome::Placed(placed)),
                    None => Err(error),
                };
            }
            Err(error) => return Err(error),
        };
        let can_pay = self.open_payment(&held).await;
        Ok(PlaceOutcome::Placed(Placed { link: held.link, can_pay, replayed: false }))
    }

    /// The order that this form made earlier, if it is this shopper's.
    async fn placed_by(&self, shopper: &Shopper, token: Token) -> Result<Option<Placed>, Error> {
        let customer = shopper.customer().map(|customer| customer.id().as_uuid());
        let order = sqlx::query!(
            r#"
            select orders.link as "link: Uuid",
                   orders.state = 'awaiting_payment' and orders.cancel_wished_at is null
                       and exists (select 1 from payment_attempt
                                   where payment_attempt.order_id = orders.id and payment_attempt.state = 'open')
                       as "can_pay!: bool"
            from orders join shopper on shopper.id = orders.shopper_id
            where orders.token = ? and (orders.shopper_id = ? or shopper.customer_id = ?)
            "#,
            token.as_bytes(),
            shopper.id().as_uuid(),
            customer
        )
        .fetch_optional(self.database().pool())
        .await?;
        Ok(order.map(|order| Placed { link: OrderLink(order.link), can_pay: order.can_pay, replayed: true }))
    }

    /// Step 1, one transaction: the basket becomes an order whose copies are held, or nothing happens.
    async fn hold(&self, wish: &Wish) -> Result<HoldOutcome, Error> {
        let mut tx = self.database().begin().await?;
        match self.hold_in(&mut tx, wish).await {
            // Whatever was written on the way must go.
            Ok(unheld @ (HoldOutcome::Taken | HoldOutcome::SoldOut { .. })) => {
                tx.roll_back().await;
                Ok(unheld)
            }
            held => tx.end(held).await,
        }
    }

    async fn hold_in(&self, tx: &mut database::Transaction, wish: &Wish) -> Result<HoldOutcome, Error> {
        let basket = &wish.basket;
        let taken = sqlx::query!(
            "update basket set state = 'ordered' where id = ? and version = ? and state = 'open'",
            basket.id,
            basket.version
        )
        .execute(&mut **tx)
        .await?;
        if taken.rows_affected() != 1 {
            return Ok(HoldOutcome::Taken);
        }
        let order = Uuid::now_v7();
        let number = order::random_number();
        let link = OrderLink::random();
        let contact = &wish.contact;
        let inserted = sqlx::query!(
            r#"
            insert into orders (id, number, link, shopper_id, basket_id, basket_version, token, state, total, currency,
                                email, name, street, postcode, city, country)
            values (?, ?, ?, ?, ?, ?, ?, 'awaiting_payment', ?, ?, ?, ?, ?, ?, ?, ?)
            "#,
            order,
            number,
            link.0,
            wish.shopper,
            basket.id,
            basket.version,
            basket.token.as_bytes(),
            basket.total.minor(),
            basket.total.currency().code(),
            contact.email,
            contact.name,
            contact.street,
            contact.postcode,
            contact.city,
            contact.country
        )
        .execute(&mut **tx)
        .await;
        match inserted {
            Ok(_) => {}
            Err(error) if is_duplicate(&error) => return Ok(HoldOutcome::Taken),
            Err(error) => return Err(error.into()),
        }
        let started = sqlx::query_scalar!(r#"select utc_timestamp(6) as "now!: time::PrimitiveDateTime""#)
            .fetch_one(&mut **tx)
            .await?;
        let hold_ends = started + self.settings().hold;
        for (position, line) in (0_u16..).zip(&basket.lines) {
            let title = wish.titles.get(&line.edition).ok_or(Error::Defect("a line without a title"))?;
            sqlx::query!(
                r#"
                insert into order_line (order_id, edition_id, position, title, quantity, unit_price)
                values (?, ?, ?, ?, ?, ?)
                "#,
                order,
                line.edition,
                position,
                title,
                line.quantity,
                line.unit_price.minor()
            )
            .execute(&mut **tx)
            .await?;
            sqlx::query!(
                "insert into hold (order_id, edition_id, quantity, expires_at) values (?, ?, ?, ?)",
                order,
                line.edition,
                line.quantity,
                hold_ends
            )
            .execute(&mut **tx)
            .await?;
        }
        order::write_event(tx, order, "", OrderState::AwaitingPayment.as_str(), "shopper").await?;
        let held = self.insert_attempt(tx, wish, order, &number, link, started).await?;
        let mut copies: Vec<Copies> =
            basket.lines.iter().map(|line| Copies { edition: line.edition, quantity: line.quantity }).collect();
        copies.sort_unstable_by_key(|copies| copies.edition);
        for copies in copies {
            if let Err(left) = stock::hold(tx, order, copies, "shopper").await? {
                return Ok(HoldOutcome::SoldOut { edition: copies.edition, left });
            }
        }
        Ok(HoldOutcome::Held(held))
    }

    async fn insert_attempt(
        &self,
        tx: &mut database::Transaction,
        wish: &Wish,
        order: Uuid,
        number: &str,
        link: OrderLink,
        started: time::PrimitiveDateTime,
    ) -> Result<Held, Error> {
        let attempt = Uuid::now_v7();
        let expires_at = started + self.settings().hold - BANK_CLOSES_BEFORE;
        let lines = wish.basket.lines.iter().map(|line| {
            let title = wish.titles.get(&line.edition).map_or("", String::as_str);
            (title, line.quantity, line.unit_price)
        });
        let body = self.bank().session_body(&SessionRequest {
            attempt,
            order_number: number,
            return_url: &format!("{}/order/{link}", self.settings().public_url),
            email: &wish.contact.email,
            lines: lines.collect(),
            amount: wish.basket.total,
            expires_at: expires_at.assume_utc(),
        });
        let create_until = started + BANK_OPENS_WITHIN;
        let amount = wish.basket.total;
        attempt::insert(tx, &NewAttempt { id: attempt, order, amount, body: &body, create_until, expires_at }).await?;
        Ok(Held { attempt, link, body })
    }

    /// Step 2, outside any transaction: opens the bank's page. When that fails, the worker goes on with it.
    async fn open_payment(&self, held: &Held) -> bool {
        let key = attempt::bank_key(held.attempt, "open");
        let opened = async {
            let session = self.bank().open_session(&key, &held.body).await?;
            self.store_session(held.attempt, &session).await
        };
        match opened.await {
            Ok(stored) => stored,
            Err(error) => {
                tracing::warn!(attempt = %held.attempt, error = &error as &dyn std::error::Error, "the bank's page could not be opened yet");
                if let Ok(mut connection) = self.database().pool().acquire().await {
                    // Where this fails too, the attempt is due a few seconds later all the same.
                    let _due_later = attempt::make_due(&mut connection, held.attempt).await;
                }
                self.wake_worker();
                false
            }
        }
    }
}
