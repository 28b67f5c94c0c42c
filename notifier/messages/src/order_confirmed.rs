//! `order.confirmed`: an order is paid for. It carries all that the letter prints.

use serde::{Deserialize, Serialize};

/// An order as its confirmation shows it. Money is in minor units of `currency`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderConfirmed {
    /// The number that the shopper reads.
    pub order_number: String,
    /// The order's page, absolute.
    pub order_url: String,
    /// Where the letter goes.
    pub email: String,
    /// How the shopper is called.
    pub name: String,
    /// What was bought, in the order in which it is shown.
    pub lines: Vec<Line>,
    /// What was paid.
    pub total: i64,
    /// ISO 4217, such as `EUR`.
    pub currency: String,
    /// Where the books go, line by line.
    pub address: Vec<String>,
}

/// One title of an order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The title, in the words that the shopper saw.
    pub title: String,
    /// How many.
    pub quantity: u32,
    /// The price of one.
    pub unit_price: i64,
    /// The price of all of them.
    pub total: i64,
}

impl OrderConfirmed {
    /// The message's kind.
    pub const KIND: &str = "order.confirmed";
    /// The newest version.
    pub const VERSION: u16 = 1;
}
