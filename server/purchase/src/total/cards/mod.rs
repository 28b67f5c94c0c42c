//! Gift cards: money that was paid in advance. The shop knows a card by the hash of its code alone.
//!
//! The hold sets a part aside ([`lock()`], [`Deal::take`], [`change()`] to held), the sale spends it, an unpaid end
//! releases it, a return after the sale gives it back ([`uses_of`] tells which).

mod change;
mod code;
mod deal;
mod issue;
mod lock;
mod look_up;
mod uses;

use uuid::Uuid;

use crate::money::Money;

pub use change::{CardMovement, change};
pub use code::CardCode;
pub use deal::Deal;
pub use issue::{Issued, issue};
pub use lock::{LockedCards, lock, uses_of};
pub use look_up::{check, look_up};

/// The part of an order that a card pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardUse {
    /// The order's id.
    pub order: Uuid,
    /// The card's id.
    pub card: Uuid,
    /// More than nothing, in the card's currency.
    pub amount: Money,
}

/// How far a use has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardUseState {
    /// Its order awaits payment.
    Held,
    /// Its order was sold.
    Spent,
    /// Its order has ended unpaid, or is in doubt.
    Released,
    /// Its order was sold, and given back.
    GivenBack,
}

impl CardUseState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Spent => "spent",
            Self::Released => "released",
            Self::GivenBack => "given_back",
        }
    }
}

/// A card that can pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundCard {
    /// Its id, to be kept with the basket.
    pub id: Uuid,
    /// What is left on it.
    pub left: Money,
}

/// Why a card cannot pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardRefused {
    /// There is no such card.
    Unknown,
    /// It is in another currency.
    WrongCurrency,
    /// Nothing is left on it; what orders that await payment have set aside is not.
    Empty,
    /// Less is left than it was to pay: something was bought with it meanwhile.
    NotEnough {
        /// What is left.
        left: Money,
    },
}
