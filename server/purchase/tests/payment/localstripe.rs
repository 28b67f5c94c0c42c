//! A second opinion on the protocol: the adapter on localstripe, which others wrote after Stripe's documents.
//! It runs as a process of its own (`script/lib/localstripe.sh`); where it does not, this is skipped.

use std::collections::BTreeMap;
use std::io::Write as _;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::{Json, Router};
use purchase::payment::{Bank, BankError, IntentState, RefundState};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{VISA, adapter, key, order, part};

const KEY: &str = "sk_test_localstripe";

/// Where localstripe runs.
#[derive(Clone)]
struct Localstripe {
    url: String,
    http: Client,
}

impl Localstripe {
    #[expect(clippy::disallowed_methods, reason = "the test run says where it is")]
    fn find() -> Option<Self> {
        let url = std::env::var("TEST_LOCALSTRIPE_URL").ok().filter(|url| !url.is_empty())?;
        let _installed = rustls::crypto::ring::default_provider().install_default();
        Some(Self { url, http: Client::new() })
    }

    async fn send(&self, method: Method, path: &str, form: &BTreeMap<String, String>) -> (StatusCode, Value) {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(KEY);
        let request = if form.is_empty() { request } else { request.form(form) };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Passes a request on, without the few things of Stripe's that localstripe 1.15 lacks.
    async fn relay(&self, method: Method, path: &str, mut form: BTreeMap<String, String>) -> (StatusCode, Value) {
        // Parameters that it does not know it refuses.
        form.remove("receipt_email");
        form.remove("reason");
        if let Some(intent) = path.strip_suffix("/confirm") {
            // It takes a payment method only before the confirmation, not with it.
            let (status, answer) = self.send(Method::POST, intent, &form).await;
            assert_eq!(status, 200, "{answer}");
            form.clear();
        }
        let (status, mut answer) = self.send(method, path, &form).await;
        if status == StatusCode::PAYMENT_REQUIRED {
            // It calls a declined card an invalid request.
            answer["error"]["type"] = json!("card_error");
        }
        (status, answer)
    }

    /// The address at which the adapter reaches it.
    async fn open(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let pass = async |State(localstripe): State<Self>, method: Method, uri: Uri, body: Bytes| {
            let form = serde_urlencoded::from_bytes(&body).unwrap();
            let (status, answer) = localstripe.relay(method, &uri.to_string(), form).await;
            (status, Json(answer)).into_response()
        };
        tokio::spawn(axum::serve(listener, Router::new().fallback(pass).with_state(self)).into_future());
        url
    }
}

#[tokio::test]
async fn localstripe_agrees_with_the_adapter() {
    let Some(localstripe) = Localstripe::find() else {
        // Not by `println!`, which a passing test keeps to itself.
        let why = "skipped: localstripe is not asked, since TEST_LOCALSTRIPE_URL does not say where it runs";
        return writeln!(std::io::stderr(), "{why}").unwrap();
    };
    let stripe = adapter(&localstripe.open().await, KEY);
    let create = async |cents| stripe.create_intent(&key(), &stripe.intent_body(&order(cents))).await.unwrap();

    let paid = create(1990).await;
    assert_eq!(stripe.intent(&paid).await.unwrap(), IntentState::Unconfirmed);
    assert_eq!(stripe.confirm(&key(), &paid, VISA).await.unwrap(), IntentState::Authorised);
    assert_eq!(stripe.intent(&paid).await.unwrap(), IntentState::Authorised);
    assert_eq!(stripe.capture(&key(), &paid).await.unwrap(), IntentState::Captured);
    assert_eq!(stripe.intent(&paid).await.unwrap(), IntentState::Captured);
    let late = stripe.cancel(&key(), &paid).await.unwrap_err();
    assert!(matches!(late, BankError::Refused { .. }), "{late}");

    let request = part(&paid, 500);
    let refund = stripe.refund(&key(), &stripe.refund_body(&request)).await.unwrap();
    assert_eq!((refund.amount, refund.state, refund.ours), (500, RefundState::Succeeded, Some(request.refund)));
    stripe.refund(&key(), &stripe.refund_body(&part(&paid, 300))).await.unwrap();
    let refunds = stripe.refunds_of(&paid).await.unwrap();
    assert_eq!(refunds.iter().map(|refund| refund.amount).sum::<i64>(), 800);

    let given_up = create(900).await;
    assert_eq!(stripe.confirm(&key(), &given_up, VISA).await.unwrap(), IntentState::Authorised);
    assert_eq!(stripe.cancel(&key(), &given_up).await.unwrap(), IntentState::Canceled);
    assert_eq!(stripe.intent(&given_up).await.unwrap(), IntentState::Canceled);

    let declined = create(900).await;
    let state = IntentState::Declined { code: "card_declined".into() };
    assert_eq!(stripe.confirm(&key(), &declined, "pm_card_chargeCustomerFail").await.unwrap(), state);
    assert_eq!(stripe.intent(&declined).await.unwrap(), state);
}
