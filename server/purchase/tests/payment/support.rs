//! A bank on a free port, the adapter that speaks with it, and what people do there without the shop.

use std::time::{Duration, Instant};

use purchase::money::{Currency, Money};
use purchase::payment::{Bank, IntentRequest, IntentState, RefundRequest, Stripe};
use reqwest::{Client, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use uuid::Uuid;

pub const VISA: &str = "pm_card_visa";
pub const DECLINED: &str = "pm_card_visa_chargeDeclined";
pub const POOR: &str = "pm_card_chargeDeclinedInsufficientFunds";
pub const ASKS: &str = "pm_card_threeDSecure2Required";
pub const SLOW: &str = "pm_card_slow";

pub const KEY: &str = "sk_test_bank";
pub const CONFIRM: &str = "POST /v1/payment_intents/{id}/confirm";

/// The provider in tests, and its adapter.
pub struct TestBank {
    pub stripe: Stripe,
    pub url: String,
    pub http: Client,
    _stop: oneshot::Sender<()>,
    _ledger: TempDir,
}

impl TestBank {
    pub async fn open() -> Self {
        Self::open_for(None).await
    }

    /// One that posts its webhooks to an address.
    pub async fn open_for(webhook_url: Option<String>) -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let ledger = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut config = bank::Config::new(KEY, "whsec_test", &url, ledger.path().join("ledger"));
        config.slow = Duration::from_secs(1);
        config.webhook_url = webhook_url;
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(bank::run(listener, config, async move {
            let _gone_is_as_good = stopped.await;
        }));
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { stripe: adapter(&url, KEY), url, http, _stop: stop, _ledger: ledger }
    }

    /// A payment of so many cents that nobody has tried yet.
    pub async fn created(&self, cents: i64) -> String {
        self.stripe.create_intent(&key(), &self.stripe.intent_body(&order(cents))).await.unwrap()
    }

    /// Tries a card on it.
    pub async fn confirm(&self, intent: &str, method: &str) -> IntentState {
        self.stripe.confirm(&key(), intent, method).await.unwrap()
    }

    /// A payment that is captured.
    pub async fn captured(&self, method: &str, cents: i64) -> String {
        let intent = self.created(cents).await;
        assert_eq!(self.confirm(&intent, method).await, IntentState::Authorised);
        assert_eq!(self.stripe.capture(&key(), &intent).await.unwrap(), IntentState::Captured);
        intent
    }

    /// The next request to an endpoint goes wrong.
    pub async fn fault(&self, endpoint: &str, effect: &str) {
        self.faults(&json!([{ "endpoint": endpoint, "effect": effect }])).await;
    }

    /// Replaces the faults in force.
    pub async fn faults(&self, faults: &Value) {
        let planned = self.http.post(format!("{}/control/faults", self.url)).json(faults);
        assert_eq!(planned.bearer_auth(KEY).send().await.unwrap().status(), 204);
    }

    /// What somebody does at the bank's control desk.
    pub async fn control(&self, path: &str, form: &[(&str, &str)]) -> Value {
        ask(self.http.post(format!("{}/control/{path}", self.url)).form(form)).await
    }

    /// The bank's own books.
    pub async fn ledger(&self) -> Value {
        ask(self.http.get(format!("{}/control/ledger", self.url))).await
    }

    /// Waits for something that takes the bank a while.
    pub async fn until(&self, condition: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !condition().await {
            assert!(begun.elapsed() < Duration::from_secs(20), "it did not happen in time");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn ask(request: RequestBuilder) -> Value {
    let answer = request.bearer_auth(KEY).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// The adapter for whoever speaks the protocol at an address.
pub fn adapter(url: &str, key: &str) -> Stripe {
    Stripe::new(url.to_owned(), SecretString::from(key)).unwrap()
}

/// A key that nobody has used.
pub fn key() -> String {
    Uuid::new_v4().to_string()
}

pub fn euros(cents: i64) -> Money {
    Money::new(cents, Currency::Eur)
}

/// A payment of so many cents for an order.
pub fn order(cents: i64) -> IntentRequest<'static> {
    IntentRequest { attempt: Uuid::new_v4(), order_number: "7F3K-9Q2M", email: "ada@example.org", amount: euros(cents) }
}

/// A refund of so many cents.
pub fn part(intent: &str, cents: i64) -> RefundRequest<'_> {
    RefundRequest { refund: Uuid::new_v4(), intent, amount: euros(cents), reason: None }
}
