//! `payment.returned`: money was given back.

use serde::{Deserialize, Serialize};

/// A payment that was given back. Money is in minor units of `currency`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentReturned {
    /// The number of the order.
    pub order_number: String,
    /// Where the letter goes.
    pub email: String,
    /// How the shopper is called.
    pub name: String,
    /// What was given back.
    pub amount: i64,
    /// ISO 4217, such as `EUR`.
    pub currency: String,
    /// Why.
    pub reason: ReturnReason,
}

/// Why money was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// It came when the order had ended and its books were held no longer.
    TooLate,
    /// The shopper has cancelled the order.
    Cancelled,
    /// The shopper has cancelled the order: this part of it is on the gift card again. Since version 2.
    OnGiftCard,
    /// The shop gives it back of its own accord. Since version 2.
    ByShop,
}

impl PaymentReturned {
    /// The message's kind.
    pub const KIND: &str = "payment.returned";
    /// The newest version.
    pub const VERSION: u16 = 2;
}
