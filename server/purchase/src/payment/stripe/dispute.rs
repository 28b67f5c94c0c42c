//! Disputes: <https://docs.stripe.com/api/disputes>

use serde::Deserialize;

use super::list::Listed;
use crate::payment::{Dispute, DisputeState};

#[derive(Deserialize)]
pub(super) struct DisputeJson {
    id: String,
    payment_intent: Option<String>,
    amount: i64,
    status: String,
    reason: String,
}

impl Listed for DisputeJson {
    fn id(&self) -> &str {
        &self.id
    }
}

impl From<DisputeJson> for Dispute {
    fn from(json: DisputeJson) -> Self {
        let state = match json.status.as_str() {
            "needs_response" => DisputeState::NeedsResponse,
            "under_review" => DisputeState::UnderReview,
            "won" => DisputeState::Won,
            "lost" => DisputeState::Lost,
            _ => DisputeState::Other(json.status),
        };
        Self { id: json.id, intent: json.payment_intent, amount: json.amount, state, reason: json.reason }
    }
}
