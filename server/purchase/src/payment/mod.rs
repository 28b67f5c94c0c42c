//! The bank, as the shop sees it: one small trait, and its one adapter.

mod signature;
mod stripe;

use async_trait::async_trait;
use time::OffsetDateTime;

pub use signature::{SignatureError, verify};
pub use stripe::Stripe;

/// A hosted payment page at the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The bank's id of it.
    pub id: String,
    /// Where the shopper pays; `None` once it has ended.
    pub url: Option<String>,
    /// How far it has come.
    pub state: SessionState,
}

/// How far a hosted page has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// The shopper may still pay.
    Open,
    /// The shopper has paid, by this intent.
    Complete {
        /// The bank's id of the payment.
        intent: String,
    },
    /// Closed; it will never take money.
    Expired,
}

/// What the bank says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntentState {
    /// Nobody has tried to pay yet.
    Unconfirmed,
    /// The bank refused the payment method; another may be tried.
    Declined {
        /// The bank's code for the reason.
        code: String,
    },
    /// The shopper must confirm at their own bank that it is them.
    ActionNeeded,
    /// The bank still has something to do.
    Pending,
    /// The money is set aside for us: sell, then capture.
    Authorised,
    /// The money is ours.
    Captured,
    /// Ended without money.
    Canceled,
}

/// Why the bank gave no useful answer.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// No answer, or one that leaves open what was done: ask again, with the same key.
    #[error("the bank did not answer clearly: {0}")]
    Unclear(String),
    /// The bank has refused the card.
    #[error("the card was refused: {code}")]
    CardRefused {
        /// The bank's code for the reason.
        code: String,
    },
    /// The bank understood and refused; asking the same again is of no use.
    #[error("the bank refused: {code}")]
    Refused {
        /// The bank's code for the reason.
        code: String,
    },
}

/// A provider that takes money for us. Every call that changes something carries a key, under which the bank
/// does it once however often it is sent.
#[async_trait]
pub trait Bank: Send + Sync {
    /// Opens a hosted page from the exact body that [`session_body`](Self::session_body) made.
    async fn open_session(&self, key: &str, body: &str) -> Result<Session, BankError>;
    /// The body that opens a page for `request`; stored, so that a retry sends the same bytes.
    fn session_body(&self, request: &SessionRequest<'_>) -> String;
    /// Reads a hosted page.
    async fn session(&self, id: &str) -> Result<Session, BankError>;
    /// Closes a hosted page; refused when it has ended already.
    async fn expire_session(&self, id: &str) -> Result<Session, BankError>;
    /// The body that opens a payment for `request`, which moves no money yet; stored, so that a retry sends the same
    /// bytes.
    fn intent_body(&self, request: &IntentRequest<'_>) -> String;
    /// Opens a payment from the exact body that [`intent_body`](Self::intent_body) made; returns the bank's id of it.
    async fn create_intent(&self, key: &str, body: &str) -> Result<String, BankError>;
    /// Pays with a payment method. A decline is an answer, not an error.
    async fn confirm(&self, key: &str, intent: &str, method: &str) -> Result<IntentState, BankError>;
    /// Reads a payment.
    async fn intent(&self, id: &str) -> Result<IntentState, BankError>;
    /// Takes the money that was set aside.
    async fn capture(&self, key: &str, intent: &str) -> Result<IntentState, BankError>;
    /// Gives up the money that was set aside.
    async fn cancel(&self, key: &str, intent: &str) -> Result<IntentState, BankError>;
}

/// What a hosted page is to show and to take.
#[derive(Clone, Debug)]
pub struct SessionRequest<'a> {
    /// Our id of the attempt; comes back in everything the bank says of it.
    pub attempt: uuid::Uuid,
    /// The number that people read.
    pub order_number: &'a str,
    /// Where the bank sends the shopper afterwards, paid or not.
    pub return_url: &'a str,
    /// The shopper's address, for the bank's form.
    pub email: &'a str,
    /// The lines: title, copies, price of one.
    pub lines: Vec<(&'a str, i32, crate::money::Money)>,
    /// When the page closes by itself.
    pub expires_at: OffsetDateTime,
}

/// A payment that an API client's own payment method is to make.
#[derive(Clone, Debug)]
pub struct IntentRequest<'a> {
    /// Our id of the attempt; comes back in everything the bank says of it.
    pub attempt: uuid::Uuid,
    /// The number that people read.
    pub order_number: &'a str,
    /// The shopper's address, for the bank's receipt.
    pub email: &'a str,
    /// What is to be paid.
    pub amount: crate::money::Money,
}
