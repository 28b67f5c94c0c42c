//! What the API answers: a reply, or a failure in Stripe's error shape.

use serde_json::{Value, json};

/// A finished answer: HTTP status and JSON body, byte for byte as it is stored for replays.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub body: String,
    pub replayed: bool,
}

impl Reply {
    /// 200 with this object.
    pub fn ok(object: &Value) -> Self {
        Self::new(200, object)
    }

    /// Any status with this object.
    pub fn new(status: u16, object: &Value) -> Self {
        Self { status, body: object.to_string(), replayed: false }
    }
}

/// A request that was not carried out.
#[derive(Clone, Debug)]
pub struct Failure {
    pub status: u16,
    pub kind: &'static str,
    pub code: Option<&'static str>,
    pub decline_code: Option<&'static str>,
    pub message: String,
    pub param: Option<String>,
    pub payment_intent: Option<Box<Value>>,
    /// Whether the endpoint had begun its work: then the answer is stored under the idempotency key.
    pub executed: bool,
}

impl Failure {
    fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            decline_code: None,
            message: message.into(),
            param: None,
            payment_intent: None,
            executed: false,
        }
    }

    /// 400: the request itself is wrong. Never stored.
    pub fn invalid(param: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Some(code), param: Some(param.to_owned()), ..Self::new(400, "invalid_request_error", message) }
    }

    /// 400 without a parameter to blame. Never stored.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// 404: nothing has this id. Never stored.
    pub fn missing(object: &str, param: &str, id: &str) -> Self {
        Self { status: 404, ..Self::invalid(param, "resource_missing", format!("No such {object}: '{id}'")) }
    }

    /// 401: no key, or not the right one.
    pub fn unauthorized(message: &str) -> Self {
        Self::new(401, "invalid_request_error", message)
    }

    /// 400: the object's state does not allow this. Stored.
    pub fn state(code: Option<&'static str>, message: impl Into<String>) -> Self {
        Self { code, executed: true, ..Self::new(400, "invalid_request_error", message) }
    }

    /// 400: `payment_intent_unexpected_state`, with the intent as it stands. Stored.
    pub fn unexpected_state(message: impl Into<String>, intent: Value) -> Self {
        Self { payment_intent: Some(Box::new(intent)), ..Self::state(Some("payment_intent_unexpected_state"), message) }
    }

    /// 402: the card was declined.
    pub fn declined(code: &'static str, decline_code: &'static str, message: &str, intent: Value) -> Self {
        Self {
            code: Some(code),
            decline_code: Some(decline_code),
            payment_intent: Some(Box::new(intent)),
            executed: true,
            ..Self::new(402, "card_error", message)
        }
    }

    /// 400: the key was used for another request.
    pub fn key_mismatch(message: String) -> Self {
        Self::new(400, "idempotency_error", message)
    }

    /// 409: a request with this key is still under way.
    pub fn key_in_use() -> Self {
        Self {
            code: Some("idempotency_key_in_use"),
            ..Self::new(
                409,
                "idempotency_error",
                "There is currently another in-progress request using this Idempotency Key. \
                 Please try again later.",
            )
        }
    }

    /// 500 or 503: the bank's own trouble.
    pub fn broken(status: u16) -> Self {
        Self::new(status, "api_error", "An error occurred on the bank's side. Please try again.")
    }

    /// The same as an answer.
    pub fn reply(&self) -> Reply {
        let mut error = json!({ "type": self.kind, "message": self.message });
        let optional = [
            ("code", self.code.map(Value::from)),
            ("decline_code", self.decline_code.map(Value::from)),
            ("param", self.param.clone().map(Value::from)),
            ("payment_intent", self.payment_intent.as_deref().cloned()),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                error[name] = value;
            }
        }
        Reply::new(self.status, &json!({ "error": error }))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "the ledger could not be written; nothing was done");
        Self::broken(500)
    }
}
