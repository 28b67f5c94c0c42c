//! Calls to Stripe's API: plain requests, and what their answers come to.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::payment::BankError;

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

/// What came of a call that the bank understood.
pub(super) enum Answer<T> {
    Done(T),
    /// The card was declined, for this reason.
    Declined(String),
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

    pub(super) async fn try_post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&str>,
        body: String,
    ) -> Result<Answer<T>, BankError> {
        let mut request =
            self.request(Method::POST, path).header("Content-Type", "application/x-www-form-urlencoded").body(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        answer(request).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&str>,
        body: String,
    ) -> Result<T, BankError> {
        self.try_post(path, key, body).await?.or_refused()
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, BankError> {
        answer(self.request(Method::GET, path)).await?.or_refused()
    }
}

impl<T> Answer<T> {
    /// For calls that try no card.
    fn or_refused(self) -> Result<T, BankError> {
        match self {
            Self::Done(value) => Ok(value),
            Self::Declined(code) => Err(BankError::Refused { code }),
        }
    }
}

/// Form-encodes pairs of strings.
pub(super) fn form<N: AsRef<str>, V: AsRef<str>>(fields: &[(N, V)]) -> String {
    let pairs: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    // Pairs of strings always encode.
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

#[derive(Deserialize)]
struct ErrorJson {
    error: ErrorBody,
}

#[derive(Default, Deserialize)]
struct ErrorBody {
    r#type: Option<String>,
    code: Option<String>,
    decline_code: Option<String>,
}

/// Sends a request and tells a refusal from an answer that leaves things open.
async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<Answer<T>, BankError> {
    let unclear = |error: reqwest::Error| BankError::Unclear(error.without_url().to_string());
    let response = request.send().await.map_err(unclear)?;
    let status = response.status();
    let body = response.bytes().await.map_err(unclear)?;
    if status.is_success() {
        let read = serde_json::from_slice(&body).map_err(|error| BankError::Unclear(error.to_string()));
        return read.map(Answer::Done);
    }
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        return Err(BankError::KeySpent);
    }
    let open = status.is_server_error()
        || matches!(
            status,
            StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        );
    if open {
        return Err(BankError::Unclear(format!("status {status}")));
    }
    let error = serde_json::from_slice::<ErrorJson>(&body).map(|json| json.error).unwrap_or_default();
    if error.r#type.as_deref() == Some("idempotency_error") {
        return Err(BankError::KeySpent);
    }
    let of_card = status == StatusCode::PAYMENT_REQUIRED && error.r#type.as_deref() == Some("card_error");
    if of_card && let Some(code) = error.decline_code.or(error.code.clone()) {
        return Ok(Answer::Declined(code));
    }
    Err(BankError::Refused { code: error.code.or(error.r#type).unwrap_or_else(|| status.to_string()) })
}
