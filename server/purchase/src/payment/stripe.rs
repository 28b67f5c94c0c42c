//! Stripe's HTTP API, by plain form-encoded requests: hosted Checkout with manual capture.
//! <https://docs.stripe.com/api/checkout/sessions>, <https://docs.stripe.com/api/payment_intents>

use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Bank, BankError, IntentRequest, IntentState, Session, SessionRequest, SessionState};

/// The version of the API that this adapter speaks; the bank answers in its terms whatever comes later.
const API_VERSION: &str = "2026-09-30.dahlia";

/// How long a call may take: what it came to is then asked for again, under the same key.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A client of Stripe, or of whoever speaks its protocol at `base_url`.
pub struct Stripe {
    client: Client,
    base_url: String,
    secret_key: SecretString,
}

impl Stripe {
    /// A client for the API at `base_url`, without a slash at the end.
    ///
    /// # Errors
    /// When the system offers no TLS.
    pub fn new(base_url: String, secret_key: SecretString) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { client, base_url, secret_key })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}/v1/{path}", self.base_url))
            .bearer_auth(self.secret_key.expose_secret())
            .header("Stripe-Version", API_VERSION)
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, key: Option<&str>, body: String) -> Result<T, BankError> {
        let mut request =
            self.request(Method::POST, path).header("Content-Type", "application/x-www-form-urlencoded").body(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        answer(request).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, BankError> {
        answer(self.request(Method::GET, path)).await
    }
}

#[async_trait]
impl Bank for Stripe {
    async fn open_session(&self, key: &str, body: &str) -> Result<Session, BankError> {
        let session: SessionJson = self.post("checkout/sessions", Some(key), body.to_owned()).await?;
        session.try_into()
    }

    fn session_body(&self, request: &SessionRequest<'_>) -> String {
        let attempt = request.attempt.to_string();
        let mut fields: Vec<(String, String)> = [
            ("mode", "payment"),
            ("success_url", request.return_url),
            ("cancel_url", request.return_url),
            ("client_reference_id", request.order_number),
            ("customer_email", request.email),
            ("payment_intent_data[capture_method]", "manual"),
            ("payment_intent_data[metadata][attempt]", &attempt),
            ("payment_intent_data[metadata][order]", request.order_number),
            ("metadata[attempt]", &attempt),
            ("metadata[order]", request.order_number),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        fields.push(("expires_at".into(), request.expires_at.unix_timestamp().to_string()));
        for (position, (title, quantity, price)) in request.lines.iter().enumerate() {
            let mut line = |name: &str, value: String| fields.push((format!("line_items[{position}]{name}"), value));
            line("[quantity]", quantity.to_string());
            line("[price_data][currency]", price.currency().code().to_lowercase());
            line("[price_data][unit_amount]", price.minor().to_string());
            line("[price_data][product_data][name]", (*title).to_owned());
        }
        // Pairs of strings always encode.
        serde_urlencoded::to_string(&fields).unwrap_or_default()
    }

    async fn session(&self, id: &str) -> Result<Session, BankError> {
        let session: SessionJson = self.get(&format!("checkout/sessions/{id}")).await?;
        session.try_into()
    }

    async fn expire_session(&self, id: &str) -> Result<Session, BankError> {
        let session: SessionJson = self.post(&format!("checkout/sessions/{id}/expire"), None, String::new()).await?;
        session.try_into()
    }

    fn intent_body(&self, request: &IntentRequest<'_>) -> String {
        let attempt = request.attempt.to_string();
        let amount = request.amount.minor().to_string();
        let currency = request.amount.currency().code().to_lowercase();
        let fields = [
            ("amount", amount.as_str()),
            ("currency", &currency),
            ("capture_method", "manual"),
            ("payment_method_types[]", "card"),
            ("receipt_email", request.email),
            ("metadata[attempt]", &attempt),
            ("metadata[order]", request.order_number),
        ];
        // Pairs of strings always encode.
        serde_urlencoded::to_string(fields).unwrap_or_default()
    }

    async fn create_intent(&self, key: &str, body: &str) -> Result<String, BankError> {
        let intent: IntentJson = self.post("payment_intents", Some(key), body.to_owned()).await?;
        Ok(intent.id)
    }

    async fn confirm(&self, key: &str, intent: &str, method: &str) -> Result<IntentState, BankError> {
        let path = format!("payment_intents/{intent}/confirm");
        let body = serde_urlencoded::to_string([("payment_method", method)]).unwrap_or_default();
        match self.post::<IntentJson>(&path, Some(key), body).await {
            Ok(intent) => Ok(intent.state()),
            Err(BankError::CardRefused { code }) => Ok(IntentState::Declined { code }),
            Err(error) => Err(error),
        }
    }

    async fn intent(&self, id: &str) -> Result<IntentState, BankError> {
        let intent: IntentJson = self.get(&format!("payment_intents/{id}")).await?;
        Ok(intent.state())
    }

    async fn capture(&self, key: &str, intent: &str) -> Result<IntentState, BankError> {
        let path = format!("payment_intents/{intent}/capture");
        let intent: IntentJson = self.post(&path, Some(key), String::new()).await?;
        Ok(intent.state())
    }

    async fn cancel(&self, key: &str, intent: &str) -> Result<IntentState, BankError> {
        let path = format!("payment_intents/{intent}/cancel");
        let intent: IntentJson = self.post(&path, Some(key), String::new()).await?;
        Ok(intent.state())
    }
}

#[derive(Deserialize)]
struct SessionJson {
    id: String,
    url: Option<String>,
    status: String,
    payment_intent: Option<String>,
}

impl TryFrom<SessionJson> for Session {
    type Error = BankError;

    fn try_from(json: SessionJson) -> Result<Self, BankError> {
        let state = match (json.status.as_str(), json.payment_intent) {
            ("open", _) => SessionState::Open,
            ("expired", _) => SessionState::Expired,
            ("complete", Some(intent)) => SessionState::Complete { intent },
            (status, _) => return Err(BankError::Unclear(format!("a session in state {status}"))),
        };
        Ok(Self { id: json.id, url: json.url, state })
    }
}

#[derive(Deserialize)]
struct IntentJson {
    id: String,
    status: String,
    last_payment_error: Option<ErrorBody>,
}

impl IntentJson {
    fn state(self) -> IntentState {
        match (self.status.as_str(), self.last_payment_error) {
            ("requires_capture", _) => IntentState::Authorised,
            ("succeeded", _) => IntentState::Captured,
            ("canceled", _) => IntentState::Canceled,
            ("requires_payment_method", Some(error)) => IntentState::Declined { code: error.reason() },
            ("requires_payment_method" | "requires_confirmation", _) => IntentState::Unconfirmed,
            ("requires_action", _) => IntentState::ActionNeeded,
            _ => IntentState::Pending,
        }
    }
}

#[derive(Deserialize)]
struct ErrorJson {
    error: ErrorBody,
}

#[derive(Deserialize)]
struct ErrorBody {
    r#type: Option<String>,
    code: Option<String>,
    decline_code: Option<String>,
}

impl ErrorBody {
    /// The most telling of its codes.
    fn reason(self) -> String {
        self.decline_code.or(self.code).or(self.r#type).unwrap_or_else(|| "unknown".to_owned())
    }
}

/// Sends a request and tells a refusal from an answer that leaves things open.
async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, BankError> {
    let unclear = |error: reqwest::Error| BankError::Unclear(error.without_url().to_string());
    let response = request.send().await.map_err(unclear)?;
    let status = response.status();
    let body = response.bytes().await.map_err(unclear)?;
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|error| BankError::Unclear(error.to_string()));
    }
    let open = status.is_server_error()
        || matches!(status, StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS | StatusCode::UNAUTHORIZED);
    if open {
        return Err(BankError::Unclear(format!("status {status}")));
    }
    let code =
        serde_json::from_slice::<ErrorJson>(&body).map_or_else(|_| status.to_string(), |json| json.error.reason());
    // A card error, and nothing else. <https://docs.stripe.com/api/errors>
    Err(if status == StatusCode::PAYMENT_REQUIRED {
        BankError::CardRefused { code }
    } else {
        BankError::Refused { code }
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::money::{Currency, Money};

    #[test]
    fn the_same_request_has_the_same_bytes_and_every_line_is_in_it() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let stripe = Stripe::new("http://127.0.0.1:1".into(), SecretString::from("sk_test")).unwrap();
        let request = SessionRequest {
            attempt: uuid::Uuid::from_u128(7),
            order_number: "7F3K-9Q2M",
            return_url: "http://shop/order/1",
            email: "ada@example.org",
            lines: vec![("Emma & Co", 2, Money::new(990, Currency::Eur))],
            expires_at: datetime!(2026-01-01 00:00 UTC),
        };
        let body = stripe.session_body(&request);
        assert_eq!(body, stripe.session_body(&request));
        let fields: Vec<(String, String)> = serde_urlencoded::from_str(&body).unwrap();
        let has = |name: &str, value: &str| fields.contains(&(name.into(), value.into()));
        assert!(has("line_items[0][price_data][product_data][name]", "Emma & Co"));
        assert!(has("line_items[0][price_data][unit_amount]", "990"));
        assert!(has("line_items[0][quantity]", "2"));
        assert!(has("payment_intent_data[capture_method]", "manual"));
        assert!(has("expires_at", "1767225600"));
    }
}
