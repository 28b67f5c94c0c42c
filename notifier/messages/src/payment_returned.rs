//! `payment.returned`: money came too late for its order and was given back.

use serde::{Deserialize, Serialize};

/// A payment that was given back. Money is in minor units of `currency`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentReturned {
    /// The number of the order that could not be kept.
    pub order_number: String,
    /// Where the letter goes.
    pub email: String,
    /// How the shopper is called.
    pub name: String,
    /// What was given back.
    pub amount: i64,
    /// ISO 4217, such as `EUR`.
    pub currency: String,
}

impl PaymentReturned {
    /// The message's kind.
    pub const KIND: &str = "payment.returned";
    /// The newest version.
    pub const VERSION: u16 = 1;
}
