//! Orders as their pages show them.

use serde::{Deserialize, Serialize};

use super::{Cost, Price, Way};

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Copies are held; payment is awaited.
    AwaitingPayment,
    /// The shopper wants it cancelled; the bank has not closed the payment yet.
    BeingCancelled,
    /// Paid.
    Paid,
    /// Sold, but the payment failed; another one is awaited.
    PaymentFailed,
    /// Not paid in time.
    Expired,
    /// Cancelled before it was paid.
    Cancelled,
    /// Refused by the bank.
    Declined,
    /// Cancelled after it was paid; the money goes back.
    Refunded,
    /// The payment failed after the sale, and no other one came.
    Reversed,
    /// The bank has not told how the payment ended.
    InDoubt,
}

/// The bank's page for an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its address.
    pub url: String,
    /// Whole minutes that are left to pay.
    pub minutes_left: i64,
}

/// Money that goes back to the shopper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// How much.
    pub amount: Price,
    /// Whether the bank has given it back; else it is on its way.
    pub done: bool,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The title, as ordered.
    pub title: String,
    /// Copies.
    pub quantity: i32,
    /// What one copy cost.
    pub unit_price: Price,
    /// What all of them cost.
    pub total: Price,
}

/// An order's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The number that people read out.
    pub number: String,
    /// Its page: `/order/{link}`.
    pub link: String,
    /// How far it has come.
    pub state: OrderState,
    /// The way to the bank, while it is open.
    pub payment: Option<Payment>,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// What it costs.
    pub cost: Cost,
    /// The discount code that made it cheaper.
    pub discount_code: Option<String>,
    /// What has gone back of that, or is on its way.
    pub returned: Vec<Returned>,
    /// Whether its payment is disputed at the bank.
    pub disputed: bool,
    /// Where its mails go.
    pub email: String,
    /// Recipient, street, postcode and town, country; or the recipient and where to collect it.
    pub address: Vec<String>,
    /// Which way it goes.
    pub way: Way,
    /// "24 November 2026".
    pub ordered_on: String,
}

impl Order {
    /// What its page watches.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress { state: self.state, payable: self.payment.is_some() }
    }
}

/// What is new on an order's page when it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How far the order has come.
    pub state: OrderState,
    /// Whether the bank's page is open.
    pub payable: bool,
}

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSummary {
    /// The number that people read out.
    pub number: String,
    /// Its page: `/order/{link}`.
    pub link: String,
    /// How far it has come.
    pub state: OrderState,
    /// What it costs.
    pub total: Price,
    /// "24 November 2026".
    pub ordered_on: String,
}

/// The answer to a placed order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The order's page.
    pub order: String,
    /// The page that leads to the bank, once the bank has opened its own.
    pub pay: Option<String>,
    /// It is paid already, by the payment method that was named.
    pub paid: bool,
}
