//! `payment.failed`: an order is sold and confirmed, and its money never came.

use serde::{Deserialize, Serialize};

/// A payment that the bank had set aside and refused to pay out. Money is in minor units of `currency`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFailed {
    /// The number of the order.
    pub order_number: String,
    /// The order's page, where it can be paid anew.
    pub order_url: String,
    /// Where the letter goes.
    pub email: String,
    /// How the shopper is called.
    pub name: String,
    /// What was to be paid.
    pub amount: i64,
    /// ISO 4217, such as `EUR`.
    pub currency: String,
    /// Until when it can be paid anew, in words; without it the order is called off.
    pub pay_until: Option<String>,
}

impl PaymentFailed {
    /// The message's kind.
    pub const KIND: &str = "payment.failed";
    /// The newest version.
    pub const VERSION: u16 = 1;
}
