//! A payment that its shopper contests at their own bank.

/// A dispute, as the bank tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The bank's id of it.
    pub id: String,
    /// The payment; `None` for one that was not made by us.
    pub intent: Option<String>,
    /// What is contested, in minor units of the payment's currency.
    pub amount: i64,
    /// How far it has come.
    pub state: DisputeState,
    /// The bank's word for why, such as `fraudulent`.
    pub reason: String,
}

/// How far a dispute has come. The money is gone from its beginning on, and comes back when it is won.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisputeState {
    /// Evidence is awaited from us.
    NeedsResponse,
    /// The shopper's bank looks at the evidence.
    UnderReview,
    /// The money is back.
    Won,
    /// The money stays with the shopper.
    Lost,
    /// Anything else, by the bank's word, such as `warning_needs_response`: an inquiry, which takes no money yet.
    Other(String),
}
