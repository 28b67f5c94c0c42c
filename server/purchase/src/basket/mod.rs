//! The basket: what a shopper means to buy, how it is to be delivered, and what is redeemed for it.
//!
//! Its version rises with whatever changes what would be paid; prices and availability are read anew at every view.

mod gather;
mod lines;
mod price;
mod redeem;
mod store;

use time::PrimitiveDateTime;
use uuid::Uuid;

pub(crate) use store::{lock, lock_open, open_id, reopen, take_over};

use crate::money::Money;
use crate::place::token::Token;
use crate::total::cards::{CardRefused, FoundCard};
use crate::total::codes::{CodeRefused, FoundCode};
use crate::total::{Delivery, Total};

pub use redeem::{DeliveryChanged, Redeemable, Redeemed};

/// The most copies of one edition that one order takes.
pub const MOST_COPIES: i32 = 99;
/// The most different editions in one basket.
pub const MOST_LINES: usize = 100;

/// An open basket with at least one line, as it stands now.
#[derive(Clone, Debug)]
pub struct Basket {
    pub(crate) id: Uuid,
    pub(crate) version: u32,
    /// By the database's clock, UTC.
    pub(crate) seen_at: PrimitiveDateTime,
    /// Its lines, oldest first.
    pub lines: Vec<BasketLine>,
    /// How the books get to the shopper.
    pub delivery: BasketDelivery,
    /// The discount code that was typed in.
    pub discount_code: Option<BasketCode>,
    /// The gift card that was typed in.
    pub gift_card: Option<BasketCard>,
    /// What it costs, or why it cannot be ordered as it is.
    pub priced: Result<Priced, Obstacle>,
}

/// What a basket costs now.
#[derive(Clone, Debug)]
pub struct Priced {
    /// What that is made of.
    pub total: Total,
    /// The token that orders exactly this.
    pub token: Token,
}

/// Why a basket cannot be ordered as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A line's book is not sold any more.
    Withdrawn,
    /// Its prices are in different currencies.
    MixedCurrencies,
    /// It cannot be delivered like this.
    NotDelivered,
    /// It is too heavy to be sent there.
    TooHeavy,
    /// What is left to pay is less than the bank takes.
    BelowMinimum {
        /// The least that it takes.
        least: Money,
    },
}

/// One edition in a basket.
#[derive(Clone, Debug)]
pub struct BasketLine {
    /// The edition's id in the catalogue.
    pub edition: u64,
    /// Copies wanted.
    pub quantity: i32,
    /// What it costs now; `None` when the edition is not sold any more.
    pub price: Option<LinePrice>,
    /// The price of one copy when the shopper put it in, if that was another.
    pub price_then: Option<Money>,
    /// Copies that could be had now.
    pub available: i32,
    /// How many copies two baskets held together that became this one, where there were too few.
    pub wanted: Option<i32>,
}

/// What a line costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePrice {
    /// One copy.
    pub unit: Money,
    /// All of them.
    pub total: Money,
}

/// How a basket is to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasketDelivery {
    /// Collected in the shop; else sent.
    pub collect: bool,
    /// Where it is sent to, by its ISO 3166 code; kept while it is to be collected.
    pub country: String,
}

impl BasketDelivery {
    pub(crate) fn as_wanted(&self) -> Delivery<'_> {
        if self.collect { Delivery::Collect } else { Delivery::ShipTo(&self.country) }
    }
}

/// A discount code in a basket.
#[derive(Clone, Debug)]
pub struct BasketCode {
    /// Folded: capital letters and digits.
    pub code: String,
    /// What it does, or why it does nothing now.
    pub found: Result<FoundCode, CodeRefused>,
}

/// A gift card in a basket; its code is not kept.
#[derive(Clone, Copy, Debug)]
pub struct BasketCard {
    /// What is left on it, or why it pays nothing now.
    pub found: Result<FoundCard, CardRefused>,
}

/// What became of a change to the basket's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is stored.
    Done,
    /// No such edition is sold.
    UnknownEdition,
    /// The quantity is not one that can be ordered.
    BadQuantity,
    /// Fewer copies are left than would be in the basket.
    NotEnough {
        /// Copies that could be had.
        left: i32,
    },
    /// The basket has all the lines that it can take.
    Full,
    /// It is sold in another currency than what is in the basket.
    OtherCurrency,
}
