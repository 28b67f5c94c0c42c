//! The basket and the checkout page.

use serde::{Deserialize, Serialize};

use super::{Author, Price, Subject};

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
    /// What one copy costs now.
    pub unit_price: Price,
    /// What all of them cost.
    pub total: Price,
}

/// A shopper's basket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basket {
    /// Its lines; empty for an empty basket.
    pub lines: Vec<BasketLine>,
    /// What they cost; `None` for an empty basket.
    pub total: Option<Price>,
    /// The token that orders exactly this; `None` for an empty basket.
    pub token: Option<String>,
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
    /// Where it can be delivered.
    pub countries: Vec<Country>,
    /// The account's e-mail address, to start with.
    pub email: String,
    /// The account's name, to start with.
    pub name: String,
    /// Whether the shopper is signed in.
    pub signed_in: bool,
}
