//! A hosted payment page at the bank: what it shows, and how far it has come.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::money::Money;

/// A hosted payment page at the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The bank's id of it.
    pub id: String,
    /// Where the shopper pays; `None` once it has ended.
    pub url: Option<String>,
    /// How far it has come.
    pub state: SessionState,
}

/// How far a hosted page has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// The shopper may still pay.
    Open,
    /// The shopper has paid, by this intent.
    Complete {
        /// The bank's id of the payment.
        intent: String,
    },
    /// Closed; it will never take money.
    Expired,
}

/// What a hosted page is to show and to take.
#[derive(Clone, Debug)]
pub struct SessionRequest<'a> {
    /// Our id of the attempt; comes back in everything the bank says of it.
    pub attempt: Uuid,
    /// The number that people read.
    pub order_number: &'a str,
    /// Where the bank sends the shopper afterwards; with `?paid` when there is nothing left to do there.
    pub return_url: &'a str,
    /// The shopper's address, for the bank's form.
    pub email: &'a str,
    /// The lines: title, copies, price of one.
    pub lines: Vec<(&'a str, i32, Money)>,
    /// What is left to pay. Where the lines do not add up to it (delivery, a discount, a gift card), the page shows one
    /// line instead, named after the order.
    pub amount: Money,
    /// When the page closes by itself.
    pub expires_at: OffsetDateTime,
}
