//! The basket and the checkout page.

use serde::{Deserialize, Serialize};

use super::{Author, Cost, Price, Subject};
use crate::error::Why;

/// One edition in the basket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasketLine {
    /// The edition's id.
    pub edition: u64,
    /// The address of the book's page.
    pub slug: String,
    /// The book's title.
    pub title: String,
    /// Who wrote it.
    pub authors: Vec<Author>,
    /// The book's first subject.
    pub subject: Option<Subject>,
    /// Format and language, as "Paperback, English".
    pub edition_text: String,
    /// Copies wanted.
    pub quantity: i32,
    /// Copies that could be had now.
    pub available: i32,
    /// Copies that two baskets held together which became this one, where there were fewer.
    pub wanted: Option<i32>,
    /// What one copy costs now; `None` when the book is not sold any more.
    pub unit_price: Option<Price>,
    /// What one cost when it was put in, if that was another price.
    pub price_then: Option<Price>,
    /// What all of them cost.
    pub total: Option<Price>,
}

/// A shopper's basket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basket {
    /// Its lines; empty for an empty basket.
    pub lines: Vec<BasketLine>,
    /// How the books get to the shopper; `None` for an empty basket.
    pub delivery: Option<Delivery>,
    /// The discount code that was typed in.
    pub discount_code: Option<DiscountCode>,
    /// The gift card that was typed in.
    pub gift_card: Option<GiftCard>,
    /// What it costs; `None` for an empty basket, and for one that cannot be ordered as it is.
    pub cost: Option<Cost>,
    /// Why it cannot be ordered as it is.
    pub obstacle: Option<Obstacle>,
    /// The token that orders exactly this.
    pub token: Option<String>,
}

/// How books get to a shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Sent to a country.
    Ship,
    /// Collected in the shop.
    Collect,
}

/// How a basket is to be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Which way.
    pub way: Way,
    /// Where to, if it is sent.
    pub country: Country,
}

/// A discount code in a basket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscountCode {
    /// In capital letters and digits.
    pub code: String,
    /// Why it does nothing now.
    pub problem: Option<Why>,
}

/// A gift card in a basket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftCard {
    /// What is left on it.
    pub left: Option<Price>,
    /// Why it pays nothing now.
    pub problem: Option<Why>,
}

/// What a code may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redeemable {
    /// Makes the books cheaper.
    DiscountCode,
    /// Pays a part.
    GiftCard,
}

/// Why a basket cannot be ordered as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Obstacle {
    /// A book in it is not sold any more.
    Withdrawn,
    /// Its prices are in different currencies.
    MixedCurrencies,
    /// It cannot be delivered like this.
    NotDelivered,
    /// It is too heavy to be sent there.
    TooHeavy,
    /// Less would be left to pay than the bank takes.
    BelowMinimum {
        /// The least that it takes.
        least: Price,
    },
}

/// How this shop delivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryChoices {
    /// Where it sends books.
    pub countries: Vec<Country>,
    /// Where books can be collected, in words; `None` where everything is sent.
    pub collect_at: Option<String>,
}

/// A country that the shop delivers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Country {
    /// ISO 3166 code.
    pub code: String,
    /// English name.
    pub name: String,
}

/// The checkout page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkout {
    /// What would be ordered.
    pub basket: Basket,
    /// Where it can be collected, in words.
    pub collect_at: Option<String>,
    /// The account's e-mail address, to start with.
    pub email: String,
    /// The account's name, to start with.
    pub name: String,
    /// Whether the shopper is signed in.
    pub signed_in: bool,
}
