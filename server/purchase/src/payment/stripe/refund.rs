//! Refunds: <https://docs.stripe.com/api/refunds>

use std::collections::HashMap;

use serde::Deserialize;

use super::client::form;
use super::list::Listed;
use crate::payment::{Refund, RefundReason, RefundRequest, RefundState};

#[derive(Deserialize)]
pub(super) struct RefundJson {
    id: String,
    amount: i64,
    status: Option<String>,
    #[serde(default)]
    metadata: HashMap<String, String>,
}

impl Listed for RefundJson {
    fn id(&self) -> &str {
        &self.id
    }
}

impl From<RefundJson> for Refund {
    fn from(json: RefundJson) -> Self {
        let state = match json.status.as_deref() {
            Some("succeeded") => RefundState::Succeeded,
            Some("failed") => RefundState::Failed,
            Some("canceled") => RefundState::Canceled,
            // Also `requires_action`, which no card knows.
            _ => RefundState::Pending,
        };
        let ours = json.metadata.get("refund").and_then(|id| id.parse().ok());
        Self { id: json.id, amount: json.amount, state, ours }
    }
}

/// The form that asks for a refund.
pub(super) fn body(request: &RefundRequest<'_>) -> String {
    let (amount, refund) = (request.amount.minor().to_string(), request.refund.to_string());
    let mut fields =
        vec![("payment_intent", request.intent), ("amount", &amount), ("metadata[refund]", refund.as_str())];
    fields.extend(request.reason.map(|reason| ("reason", word(reason))));
    form(&fields)
}

fn word(reason: RefundReason) -> &'static str {
    match reason {
        RefundReason::Duplicate => "duplicate",
        RefundReason::Fraudulent => "fraudulent",
        RefundReason::RequestedByCustomer => "requested_by_customer",
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::money::{Currency, Money};

    #[test]
    fn the_body_names_the_refund_and_a_reason_where_there_is_one() {
        let request = RefundRequest {
            refund: Uuid::from_u128(9),
            intent: "pi_1",
            amount: Money::new(500, Currency::Eur),
            reason: None,
        };
        let bare = "payment_intent=pi_1&amount=500&metadata%5Brefund%5D=00000000-0000-0000-0000-000000000009";
        assert_eq!(body(&request), bare);
        let sent_back = RefundRequest { reason: Some(RefundReason::RequestedByCustomer), ..request };
        assert_eq!(body(&sent_back), format!("{bare}&reason=requested_by_customer"));
    }

    #[test]
    fn a_refund_of_the_banks_dashboard_is_not_ours() {
        let read = |json: &str| Refund::from(serde_json::from_str::<RefundJson>(json).unwrap());
        let foreign = read(r#"{"id":"re_1","amount":5,"status":"pending","metadata":{"refund":"by hand"}}"#);
        assert_eq!((foreign.state, foreign.ours), (RefundState::Pending, None));
        let ours = r#"{"id":"re_1","amount":5,"status":"failed","metadata":
            {"refund":"00000000-0000-0000-0000-000000000009"}}"#;
        assert_eq!((read(ours).state, read(ours).ours), (RefundState::Failed, Some(Uuid::from_u128(9))));
    }
}
