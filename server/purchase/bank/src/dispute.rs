//! Disputes: a shopper contests a payment at their own bank. They are told by the API, and opened by a test card or at
//! the control desk.

mod endpoints;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    books::{Draft, Entry},
    card::Sequel,
    id,
    intent::Intent,
    list::Listed,
    webhook::announce,
};

pub use endpoints::{advance, create, index, show};

/// How long the shop may answer, in seconds.
const PATIENCE: i64 = 9 * 24 * 3600;

/// Stripe's states; one with a `warning` is an inquiry, which takes no money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
}

impl Status {
    fn is_inquiry(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::WarningUnderReview | Self::WarningClosed)
    }

    fn may_become(self, next: Self) -> bool {
        use Status::{Lost, NeedsResponse, UnderReview, WarningClosed, WarningNeedsResponse, WarningUnderReview, Won};
        matches!(
            (self, next),
            (WarningNeedsResponse, WarningUnderReview)
                | (WarningNeedsResponse | WarningUnderReview, WarningClosed | NeedsResponse)
                | (NeedsResponse, UnderReview)
                | (NeedsResponse | UnderReview, Won | Lost)
        )
    }
}

/// One dispute. Amounts in minor units, times in unix seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub payment_intent: String,
    pub charge: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub reason: String,
    pub status: Status,
    /// The money as it was withdrawn from the shop, and as it came back.
    pub movements: Vec<Movement>,
    pub created: i64,
}

/// Money that leaves the shop (below zero) or comes back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Movement {
    pub id: String,
    pub amount: i64,
    pub created: i64,
}

impl Dispute {
    /// As Stripe shows it; the bank asks no fee.
    pub fn json(&self) -> Value {
        let movements = self.movements.iter().map(|movement| {
            json!({
                "id": movement.id,
                "object": "balance_transaction",
                "amount": movement.amount,
                "created": movement.created,
                "currency": self.currency,
                "fee": 0,
                "net": movement.amount,
                "reporting_category": if movement.amount < 0 { "dispute" } else { "dispute_reversal" },
                "source": self.id,
                "type": "adjustment",
            })
        });
        json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": movements.collect::<Vec<_>>(),
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "evidence_details": {
                "due_by": self.created + PATIENCE,
                "has_evidence": false,
                "past_due": false,
                "submission_count": 0,
            },
            "is_charge_refundable": self.status.is_inquiry(),
            "livemode": false,
            "metadata": {},
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "status": self.status,
        })
    }

    fn move_money(&mut self, draft: &Draft<'_>, amount: i64) {
        self.movements.push(Movement { id: id::fresh("txn_", 24), amount, created: draft.now() });
    }
}

impl Listed for Dispute {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

/// What a test card leads to, once its payment was captured.
pub fn come(draft: &mut Draft<'_>, intent: &mut Intent) {
    intent.due = None;
    let left = intent.captured - intent.refunded;
    if left == 0 {
        return draft.put(Entry::Intent(intent.clone()));
    }
    let inquiry = intent.sequel == Sequel::Inquiry;
    open(draft, intent, left, "fraudulent", inquiry);
}

/// Whether the payment was charged back, so that its money is no longer the shop's to give.
pub fn has_taken(draft: &Draft<'_>, intent: &str) -> bool {
    let mut disputes = draft.state.disputes.newest_first();
    disputes.any(|dispute| dispute.payment_intent == intent && !dispute.status.is_inquiry())
}

fn open(draft: &mut Draft<'_>, intent: &mut Intent, amount: i64, reason: &str, inquiry: bool) -> Value {
    let mut dispute = Dispute {
        id: id::fresh("du_", 24),
        payment_intent: intent.id.clone(),
        charge: intent.charge.clone(),
        amount,
        currency: intent.currency.clone(),
        reason: reason.to_owned(),
        status: if inquiry { Status::WarningNeedsResponse } else { Status::NeedsResponse },
        movements: Vec::new(),
        created: draft.now(),
    };
    if !inquiry {
        dispute.move_money(draft, -amount);
    }
    intent.disputed = true;
    draft.put(Entry::Intent(intent.clone()));
    save(draft, dispute, "charge.dispute.created", (!inquiry).then_some("charge.dispute.funds_withdrawn"))
}

/// Puts the dispute, tells the world, and returns it as Stripe shows it.
fn save(draft: &mut Draft<'_>, dispute: Dispute, kind: &str, moved: Option<&str>) -> Value {
    let shown = dispute.json();
    draft.put(Entry::Dispute(dispute));
    for kind in [Some(kind), moved].into_iter().flatten() {
        announce(draft, kind, shown.clone());
    }
    shown
}
