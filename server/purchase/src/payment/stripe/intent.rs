//! `PaymentIntents` with manual capture: <https://docs.stripe.com/api/payment_intents>

use serde::Deserialize;

use super::client::form;
use crate::payment::{IntentRequest, IntentState};

#[derive(Deserialize)]
pub(super) struct IntentJson {
    pub id: String,
    status: String,
    last_payment_error: Option<ErrorJson>,
}

#[derive(Deserialize)]
struct ErrorJson {
    code: Option<String>,
    decline_code: Option<String>,
}

impl IntentJson {
    pub(super) fn state(&self) -> IntentState {
        match (self.status.as_str(), &self.last_payment_error) {
            // There is no state "failed": a decline leads back to the beginning.
            ("requires_payment_method", Some(error)) => {
                let code = error.decline_code.as_deref().or(error.code.as_deref()).unwrap_or("card_declined");
                IntentState::Declined { code: code.to_owned() }
            }
            ("requires_payment_method" | "requires_confirmation", _) => IntentState::Unconfirmed,
            ("requires_action", _) => IntentState::ActionNeeded,
            ("requires_capture", _) => IntentState::Authorised,
            ("succeeded", _) => IntentState::Captured,
            ("canceled", _) => IntentState::Canceled,
            _ => IntentState::Pending,
        }
    }
}

/// The form that creates a payment.
pub(super) fn body(request: &IntentRequest<'_>) -> String {
    form(&[
        ("amount", request.amount.minor().to_string().as_str()),
        ("currency", &request.amount.currency().code().to_lowercase()),
        ("capture_method", "manual"),
        ("payment_method_types[]", "card"),
        ("receipt_email", request.email),
        ("metadata[attempt]", &request.attempt.to_string()),
        ("metadata[order]", request.order_number),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Money};

    fn state(json: &str) -> IntentState {
        serde_json::from_str::<IntentJson>(json).unwrap().state()
    }

    #[test]
    fn a_decline_is_told_from_a_payment_that_nobody_has_tried() {
        assert_eq!(state(r#"{"id":"pi_1","status":"requires_payment_method"}"#), IntentState::Unconfirmed);
        let declined = r#"{"id":"pi_1","status":"requires_payment_method","last_payment_error":
            {"type":"card_error","code":"card_declined","decline_code":"insufficient_funds"}}"#;
        assert_eq!(state(declined), IntentState::Declined { code: "insufficient_funds".into() });
        let expired = declined.replace(r#","decline_code":"insufficient_funds""#, "");
        assert_eq!(state(&expired), IntentState::Declined { code: "card_declined".into() });
    }

    #[test]
    fn every_state_of_the_banks_has_a_name_here() {
        for (status, expected) in [
            ("requires_confirmation", IntentState::Unconfirmed),
            ("requires_action", IntentState::ActionNeeded),
            ("processing", IntentState::Pending),
            ("requires_capture", IntentState::Authorised),
            ("succeeded", IntentState::Captured),
            ("canceled", IntentState::Canceled),
        ] {
            assert_eq!(state(&format!(r#"{{"id":"pi_1","status":"{status}"}}"#)), expected);
        }
    }

    #[test]
    fn the_body_names_attempt_order_and_amount() {
        let request = IntentRequest {
            attempt: uuid::Uuid::from_u128(7),
            order_number: "7F3K-9Q2M",
            email: "ada@example.org",
            amount: Money::new(1990, Currency::Chf),
        };
        assert_eq!(
            body(&request),
            "amount=1990&currency=chf&capture_method=manual&payment_method_types%5B%5D=card\
             &receipt_email=ada%40example.org&metadata%5Battempt%5D=00000000-0000-0000-0000-000000000007\
             &metadata%5Border%5D=7F3K-9Q2M"
        );
    }
}
