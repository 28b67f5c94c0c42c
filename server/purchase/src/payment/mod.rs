//! The bank, as the shop sees it: one small trait, and its one adapter.

mod dispute;
mod intent;
mod minimum;
mod refund;
mod session;
mod signature;
mod statement;
mod stripe;

use async_trait::async_trait;
use time::OffsetDateTime;

pub use dispute::{Dispute, DisputeState};
pub use intent::{IntentRequest, IntentState};
pub use minimum::minimum;
pub use refund::{Refund, RefundReason, RefundRequest, RefundState};
pub use session::{Session, SessionRequest, SessionState};
pub use signature::{SignatureError, verify};
pub use statement::Payment;
pub use stripe::Stripe;

/// Why the bank gave no useful answer.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// No answer, or one that leaves open what was done: ask again, with the same key.
    #[error("the bank did not answer clearly: {0}")]
    Unclear(String),
    /// It answered 500, or has kept another request under this key: all that it will ever say under it, whatever it did.
    #[error("the bank failed, and says so again under this key")]
    KeySpent,
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
    /// The body that creates a payment for `request`; stored, so that a retry sends the same bytes.
    fn intent_body(&self, request: &IntentRequest<'_>) -> String;
    /// Creates a payment from the exact body that [`intent_body`](Self::intent_body) made, and returns the bank's id of
    /// it. No money moves.
    async fn create_intent(&self, key: &str, body: &str) -> Result<String, BankError>;
    /// Tries a payment method on a payment. A declined card is no error.
    async fn confirm(&self, key: &str, intent: &str, method: &str) -> Result<IntentState, BankError>;
    /// Reads a payment.
    async fn intent(&self, id: &str) -> Result<IntentState, BankError>;
    /// Takes the money that was set aside.
    async fn capture(&self, key: &str, intent: &str) -> Result<IntentState, BankError>;
    /// Gives up the money that was set aside.
    async fn cancel(&self, key: &str, intent: &str) -> Result<IntentState, BankError>;
    /// The body that asks for a refund; stored, so that a retry sends the same bytes.
    fn refund_body(&self, request: &RefundRequest<'_>) -> String;
    /// Gives money back by the exact body that [`refund_body`](Self::refund_body) made.
    async fn refund(&self, key: &str, body: &str) -> Result<Refund, BankError>;
    /// Every refund of a payment, the newest first; those made in the bank's dashboard too.
    async fn refunds_of(&self, intent: &str) -> Result<Vec<Refund>, BankError>;
    /// Every payment created since a moment, the newest first; those too that were not made by us.
    async fn payments_since(&self, since: OffsetDateTime) -> Result<Vec<Payment>, BankError>;
    /// Reads a dispute.
    async fn dispute(&self, id: &str) -> Result<Dispute, BankError>;
    /// Every dispute opened since a moment, the newest first.
    async fn disputes_since(&self, since: OffsetDateTime) -> Result<Vec<Dispute>, BankError>;
}
