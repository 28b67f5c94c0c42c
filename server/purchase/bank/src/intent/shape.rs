//! Payment intents and their charges, as Stripe shows them.

use serde_json::{Value, json};

use super::{Intent, Status};

impl Intent {
    /// As Stripe shows it. `public_url` is where the confirmation page lies.
    pub fn json(&self, public_url: &str) -> Value {
        let capturable = if self.status == Status::RequiresCapture { self.authorised } else { 0 };
        let next_action = (self.status == Status::RequiresAction).then(|| {
            json!({
                "type": "redirect_to_url",
                "redirect_to_url": {
                    "url": format!("{public_url}/confirm/{}", self.id),
                    "return_url": self.return_url,
                },
            })
        });
        let last_error = self.last_error.as_ref().map(|refusal| {
            json!({
                "type": "card_error",
                "code": refusal.code,
                "decline_code": refusal.decline_code,
                "message": refusal.message,
            })
        });
        json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": capturable,
            "amount_received": self.captured,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": self.capture_method,
            "client_secret": self.client_secret,
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "description": self.description,
            "last_payment_error": last_error,
            "latest_charge": self.charge,
            "livemode": false,
            "metadata": self.metadata,
            "next_action": next_action,
            "payment_method": self.payment_method,
            "payment_method_types": ["card"],
            "receipt_email": self.receipt_email,
            "status": self.status,
        })
    }

    /// The same, with its charge in full if that is wanted.
    pub fn expanded(&self, public_url: &str, expand: bool) -> Value {
        let mut shown = self.json(public_url);
        if expand && self.charge.is_some() {
            shown["latest_charge"] = self.charge_json();
        }
        shown
    }

    /// Its charge, as Stripe shows it: what was authorised and given up counts as refunded.
    pub fn charge_json(&self) -> Value {
        let given_up = if self.status == Status::Canceled { self.authorised } else { 0 };
        json!({
            "id": self.charge,
            "object": "charge",
            "amount": self.authorised,
            "amount_captured": self.captured,
            "amount_refunded": self.refunded + given_up,
            "captured": self.captured > 0,
            "created": self.created,
            "currency": self.currency,
            "disputed": self.disputed,
            "livemode": false,
            "metadata": self.metadata,
            "paid": true,
            "payment_intent": self.id,
            "payment_method": self.payment_method,
            "payment_method_details": { "type": "card", "card": self.card },
            "refunded": given_up > 0 || (self.captured > 0 && self.refunded == self.captured),
            "status": "succeeded",
        })
    }
}
