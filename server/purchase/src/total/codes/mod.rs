//! Discount codes: what a typed one is worth, how often it may be used, and who has used it.
//!
//! The hold takes a use ([`lock()`], [`Deal::take`], [`change()`] to held), the sale makes it used, an unpaid end
//! releases it, and so does an order that is given back ([`uses_of`] tells which).

mod change;
mod create;
mod deal;
mod lock;
mod look_up;
mod text;
mod uses;

use identity::Shopper;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::total::Discount;

pub use change::{CodeMovement, change};
pub use create::{Created, NewCode, create};
pub use deal::{Deal, deal};
pub use lock::{LockedCodes, lock, uses_of};
pub use look_up::{check, look_up};

/// Who uses a code: a guest and an account with the same e-mail address are the same customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerKey([u8; 32]);

impl CustomerKey {
    /// The customer with this e-mail address, however it is spelt.
    #[must_use]
    pub fn of_email(email: &str) -> Self {
        Self(Sha256::digest(email.trim().to_lowercase()).into())
    }

    /// The customer who is signed in; `None` for a guest, whose address is not known yet.
    #[must_use]
    pub fn of_shopper(shopper: &Shopper) -> Option<Self> {
        shopper.customer().map(|customer| Self::of_email(customer.email()))
    }
}

/// An order's use of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeUse {
    /// The order's id.
    pub order: Uuid,
    /// The code's id.
    pub code: Uuid,
    /// Who orders.
    pub customer: CustomerKey,
}

/// How far a use has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeUseState {
    /// Its order awaits payment.
    Held,
    /// Its order was sold.
    Used,
    /// Its order has ended unpaid, is in doubt, or was given back.
    Released,
}

impl CodeUseState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Used => "used",
            Self::Released => "released",
        }
    }
}

/// A code that can be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundCode {
    /// Its id, to be kept with the basket.
    pub id: Uuid,
    /// What it takes off the goods.
    pub discount: Discount,
}

/// Why a code cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeRefused {
    /// There is no such code.
    Unknown,
    /// Its time has not come yet.
    NotYet,
    /// Its time is over.
    Over,
    /// It has been used as often as it may be, uses that await payment included.
    UsedUp,
    /// This customer has used it as often as one may.
    UsedByYou,
    /// It takes off an amount in another currency.
    WrongCurrency,
}
