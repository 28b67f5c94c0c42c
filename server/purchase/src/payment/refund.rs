//! Money given back: what asks for it, and what the bank says of it.

use uuid::Uuid;

use crate::money::Money;

/// A refund at the bank, made by us or in the bank's own dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The bank's id of it.
    pub id: String,
    /// In minor units of the payment's currency.
    pub amount: i64,
    /// How far it has come.
    pub state: RefundState,
    /// Our id of it; `None` where somebody made it in the bank's dashboard.
    pub ours: Option<Uuid>,
}

/// How far a refund has come. One that has succeeded may still fail, days later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// On its way.
    Pending,
    /// Given back.
    Succeeded,
    /// It could not be given back; the money is ours again.
    Failed,
    /// Called off; the money is ours again.
    Canceled,
}

/// A refund that is wished for.
#[derive(Clone, Debug)]
pub struct RefundRequest<'a> {
    /// Our id of it; comes back in everything the bank says of it.
    pub refund: Uuid,
    /// The bank's id of the payment.
    pub intent: &'a str,
    /// All of the payment, or a part of it.
    pub amount: Money,
    /// Why, where the bank has a word for it.
    pub reason: Option<RefundReason>,
}

/// The reasons that the bank tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundReason {
    /// Paid twice.
    Duplicate,
    /// Not paid by the card's holder.
    Fraudulent,
    /// The shopper has sent it back or called it off.
    RequestedByCustomer,
}
