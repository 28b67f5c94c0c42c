//! Payments as the bank's books have them, with what was given back: the newest charge of each tells that.

use std::collections::HashMap;

use serde::Deserialize;
use time::OffsetDateTime;

use super::intent::IntentJson;
use super::list::Listed;
use crate::payment::{BankError, Payment};

/// Asks for the charge in full, for an intent alone does not say what was refunded.
pub(super) const EXPAND: (&str, &str) = ("expand[]", "data.latest_charge");

#[derive(Deserialize)]
pub(super) struct PaymentJson {
    #[serde(flatten)]
    intent: IntentJson,
    amount: i64,
    amount_received: i64,
    created: i64,
    currency: String,
    #[serde(default)]
    metadata: HashMap<String, String>,
    latest_charge: Option<ChargeJson>,
}

#[derive(Deserialize)]
struct ChargeJson {
    amount_refunded: i64,
}

impl Listed for PaymentJson {
    fn id(&self) -> &str {
        &self.intent.id
    }
}

impl TryFrom<PaymentJson> for Payment {
    type Error = BankError;

    fn try_from(json: PaymentJson) -> Result<Self, BankError> {
        let created = OffsetDateTime::from_unix_timestamp(json.created);
        // An authorisation that was given up counts as refunded there, though nothing was ever taken.
        let refunded = json.latest_charge.map_or(0, |charge| charge.amount_refunded.min(json.amount_received));
        Ok(Self {
            attempt: json.metadata.get("attempt").and_then(|id| id.parse().ok()),
            created: created.map_err(|error| BankError::Unclear(error.to_string()))?,
            currency: json.currency.to_uppercase(),
            amount: json.amount,
            captured: json.amount_received,
            refunded,
            state: json.intent.state(),
            id: json.intent.id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::IntentState;

    fn read(status: &str, received: i64, charge: &str) -> Payment {
        let json = format!(
            r#"{{"id":"pi_1","status":"{status}","amount":900,"amount_received":{received},"created":1767225600,
            "currency":"eur","metadata":{{"attempt":"not ours"}},"latest_charge":{charge}}}"#
        );
        serde_json::from_str::<PaymentJson>(&json).unwrap().try_into().unwrap()
    }

    #[test]
    fn a_payment_that_nobody_tried_has_nothing_taken_and_nothing_refunded() {
        let payment = read("requires_payment_method", 0, "null");
        assert_eq!((payment.captured, payment.refunded, payment.attempt), (0, 0, None));
        assert_eq!((payment.currency.as_str(), payment.state), ("EUR", IntentState::Unconfirmed));
    }

    #[test]
    fn an_authorisation_that_was_given_up_is_no_refund() {
        assert_eq!(read("canceled", 0, r#"{"amount_refunded":900}"#).refunded, 0);
        assert_eq!(read("succeeded", 900, r#"{"amount_refunded":400}"#).refunded, 400);
    }
}
