//! `order.confirmed`: an order is paid for. It carries all that the letter prints.

use serde::{Deserialize, Serialize};

/// An order as its confirmation shows it. Money is in minor units of `currency`:
/// `goods - discount + shipping = total`. Version 1 had the total alone.
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
    /// All lines.
    #[serde(default)]
    pub goods: i64,
    /// What a discount code took off.
    #[serde(default)]
    pub discount: i64,
    /// What delivery cost.
    #[serde(default)]
    pub shipping: i64,
    /// What was paid in all.
    pub total: i64,
    /// The VAT in it, by ascending rates.
    #[serde(default)]
    pub vat: Vec<Vat>,
    /// The part of it that a gift card paid.
    #[serde(default)]
    pub gift_card: i64,
    /// ISO 4217, such as `EUR`.
    pub currency: String,
    /// Where the books go, or where they can be collected, line by line.
    pub address: Vec<String>,
    /// Whether they are collected in the shop.
    #[serde(default)]
    pub collected: bool,
}

/// The VAT of one rate.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vat {
    /// The rate, in hundredths of a per cent.
    pub basis_points: u32,
    /// How much.
    pub amount: i64,
}

impl Vat {
    /// The rate as people write it, such as `10 %` or `5.5 %`.
    #[must_use]
    pub fn rate(&self) -> String {
        format!("{} %", f64::from(self.basis_points) / 100.0)
    }
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
    pub const VERSION: u16 = 2;
}
