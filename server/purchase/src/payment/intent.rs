//! A payment at the bank: what opens one, and how far it has come.

use uuid::Uuid;

use crate::money::Money;

/// What the bank says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntentState {
    /// Nobody has tried a card yet.
    Unconfirmed,
    /// The last card was declined; another may be tried.
    Declined {
        /// The bank's code for why.
        code: String,
    },
    /// The card's holder must first confirm that it is them.
    ActionNeeded,
    /// The bank is at work.
    Pending,
    /// The money is set aside for us: sell, then capture.
    Authorised,
    /// The money is ours.
    Captured,
    /// Ended without money.
    Canceled,
}

/// A payment without a hosted page, for a client that names a payment method itself.
#[derive(Clone, Debug)]
pub struct IntentRequest<'a> {
    /// Our id of the attempt; comes back in everything the bank says of it.
    pub attempt: Uuid,
    /// The number that people read.
    pub order_number: &'a str,
    /// The shopper's address, for the bank's receipt.
    pub email: &'a str,
    /// What is to be set aside.
    pub amount: Money,
}
