//! The bank's statement: its payments, to compare with our books.

use time::OffsetDateTime;
use uuid::Uuid;

use super::IntentState;

/// A payment, as the bank's books have it. Amounts in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The bank's id of it.
    pub id: String,
    /// Our attempt; `None` for a payment that was not made by us.
    pub attempt: Option<Uuid>,
    /// When it was created.
    pub created: OffsetDateTime,
    /// Three letters, in capitals.
    pub currency: String,
    /// What it is for.
    pub amount: i64,
    /// What was taken.
    pub captured: i64,
    /// What of that was given back.
    pub refunded: i64,
    /// How far it has come.
    pub state: IntentState,
}
