//! What a total is reckoned from.

use serde::Serialize;

use crate::money::Money;

/// What kind of goods, as VAT tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum ProductType {
    /// A printed book.
    Book,
    /// Anything else, at the standard rate.
    Other,
}

/// How the goods get to the shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery<'a> {
    /// Sent to a country, by its ISO 3166 code in capitals.
    ShipTo(&'a str),
    /// Collected in the shop: nothing to pay for, at the VAT of the shop's own country.
    Collect,
}

/// What a discount code takes off the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discount {
    /// A part of what the goods cost.
    Percentage {
        /// Hundredths of a per cent, up to 10 000.
        basis_points: u32,
    },
    /// An amount, as far as the goods cost that much.
    Amount(Money),
}

/// One line of what is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedLine {
    /// The edition's id in the catalogue.
    pub edition: u64,
    /// The price of one copy, VAT included.
    pub unit_price: Money,
    /// Copies wanted.
    pub quantity: i32,
    /// The weight of one copy, in grams.
    pub weight_g: u32,
    /// Which VAT rate it has.
    pub product: ProductType,
}

/// All that a total depends on, apart from the rates.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// At least one line, all in one currency; their order does not matter.
    pub lines: &'a [WantedLine],
    /// How they get to the shopper.
    pub delivery: Delivery<'a>,
    /// What a code takes off the goods.
    pub discount: Option<Discount>,
    /// What is left on the gift card that is to pay first.
    pub gift_card: Option<Money>,
}
