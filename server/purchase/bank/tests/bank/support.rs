//! A bank on a free port, and a shop's end of its webhooks.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{Router, http::HeaderMap, routing::post};
use bank::Config;
use reqwest::{Client, RequestBuilder, StatusCode, header, redirect::Policy};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub const PAYS: &str = "4242 4242 4242 4242";
pub const DECLINED: &str = "4000000000000002";
pub const POOR: &str = "4000000000009995";
pub const ASKS: &str = "4000002500003155";
pub const SLOW: &str = "4000000000005001";

pub const KEY: &str = "sk_test_bank";

/// Unix seconds.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed()
}

/// An HTTP client that follows no redirect.
pub fn client() -> Client {
    // The bank may not have chosen one yet, and a client needs it.
    let _already_chosen = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// A running bank with books of its own.
pub struct TestBank {
    pub url: String,
    pub http: Client,
    folder: TempDir,
    webhook_url: Option<String>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<anyhow::Result<()>>,
}

/// An answer of the API.
pub struct Answer {
    pub status: StatusCode,
    pub replayed: bool,
    pub body: String,
    pub json: Value,
}

/// An answer to a browser.
pub struct Page {
    pub status: StatusCode,
    pub location: String,
    pub policy: String,
    pub body: String,
}

/// Starts a bank: its address, its end, and the way to stop it.
pub async fn serve(config: Config) -> (String, JoinHandle<anyhow::Result<()>>, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let config = Config { public_url: url.clone(), ..config };
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move {
        let _gone_is_as_good = stopped.await;
    };
    (url, tokio::spawn(bank::run(listener, config, shutdown)), stop)
}

impl TestBank {
    pub async fn open() -> Self {
        Self::start(tempfile::tempdir().unwrap(), None).await
    }

    pub async fn open_for(shop: &Shop) -> Self {
        Self::start(tempfile::tempdir().unwrap(), Some(shop.url.clone())).await
    }

    /// Stops it, does something with the ledger's file, and starts it again.
    pub async fn restart_after(self, work: impl AsyncFnOnce(&Path)) -> Self {
        let ledger = self.ledger_path();
        drop(self.http);
        self.stop.send(()).unwrap();
        self.running.await.unwrap().unwrap();
        work(&ledger).await;
        Self::start(self.folder, self.webhook_url).await
    }

    async fn start(folder: TempDir, webhook_url: Option<String>) -> Self {
        let ledger = folder.path().join("ledger");
        let mut config = Config::new(KEY, "whsec_test", "", ledger);
        config.webhook_url = webhook_url.clone();
        config.slow = Duration::from_secs(1);
        let (url, running, stop) = serve(config).await;
        let http = client();
        let bank = Self { url, http, folder, webhook_url, stop, running };
        bank.until(async || bank.http.get(format!("{}/healthz", bank.url)).send().await.is_ok()).await;
        bank
    }

    pub fn config(&self) -> Config {
        Config::new(KEY, "whsec_test", "", self.ledger_path())
    }

    pub fn ledger_path(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    pub async fn until(&self, condition: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !condition().await {
            assert!(begun.elapsed() < Duration::from_secs(20), "it did not happen in time");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    pub async fn try_post(&self, path: &str, form: &[(&str, &str)], key: Option<&str>) -> reqwest::Result<Answer> {
        let mut request = self.http.post(format!("{}{path}", self.url)).form(form);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        answer(request).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)], key: Option<&str>) -> Answer {
        self.try_post(path, form, key).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.http.get(format!("{}{path}", self.url))).await.unwrap()
    }

    /// A session for two copies of a book, with some parameters added or changed.
    pub async fn try_session(&self, changes: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("mode", "payment"),
            ("success_url", "http://shop.test/thanks?session={CHECKOUT_SESSION_ID}"),
            ("cancel_url", "http://shop.test/basket"),
            ("client_reference_id", "B-1"),
            ("customer_email", "reader@example.org"),
            ("payment_intent_data[capture_method]", "manual"),
            ("payment_intent_data[metadata][order]", "B-1"),
            ("metadata[order]", "B-1"),
            ("line_items[0][quantity]", "2"),
            ("line_items[0][price_data][currency]", "eur"),
            ("line_items[0][price_data][unit_amount]", "1249"),
            ("line_items[0][price_data][product_data][name]", "The Hobbit <1937>"),
        ];
        form.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        form.extend_from_slice(changes);
        self.post("/v1/checkout/sessions", &form, None).await
    }

    pub async fn session(&self, changes: &[(&str, &str)]) -> Value {
        let answer = self.try_session(changes).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json
    }

    pub async fn read_session(&self, session: &Value) -> Value {
        self.get(&format!("/v1/checkout/sessions/{}", session["id"].as_str().unwrap())).await.json
    }

    pub async fn intent_of(&self, session: &Value) -> Value {
        self.get(&format!("/v1/payment_intents/{}", session["payment_intent"].as_str().unwrap())).await.json
    }

    /// A session that a shopper paid: its intent.
    pub async fn authorised(&self) -> Value {
        let session = self.session(&[]).await;
        assert_eq!(self.pay(&session, PAYS).await.status, 303);
        self.intent_of(&self.read_session(&session).await).await
    }

    pub async fn capture(&self, intent: &Value, form: &[(&str, &str)]) -> Value {
        let path = format!("/v1/payment_intents/{}/capture", intent["id"].as_str().unwrap());
        let answer = self.post(&path, form, None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json
    }

    /// A payment of so many cents by a card's token, captured.
    pub async fn captured(&self, token: &str, amount: i64) -> Value {
        let amount = amount.to_string();
        let form = [
            ("amount", amount.as_str()),
            ("currency", "eur"),
            ("capture_method", "manual"),
            ("confirm", "true"),
            ("payment_method", token),
            ("metadata[attempt]", "a-1"),
        ];
        let created = self.post("/v1/payment_intents", &form, None).await;
        assert_eq!(created.json["status"], "requires_capture", "{}", created.body);
        self.capture(&created.json, &[]).await
    }

    pub async fn refund(&self, intent: &Value, form: &[(&str, &str)], key: Option<&str>) -> reqwest::Result<Answer> {
        let form = [form, &[("payment_intent", intent["id"].as_str().unwrap())]].concat();
        self.try_post("/v1/refunds", &form, key).await
    }

    pub async fn list(&self, path: &str) -> Vec<Value> {
        self.get(path).await.json["data"].as_array().unwrap().clone()
    }

    pub async fn ledger(&self) -> Value {
        self.get("/control/ledger").await.json
    }

    pub async fn events(&self, kind: &str) -> Vec<Value> {
        self.list(&format!("/v1/events?limit=100&type={kind}")).await
    }

    pub async fn faults(&self, list: &Value) {
        let request = self.http.post(format!("{}/control/faults", self.url)).bearer_auth(KEY);
        assert_eq!(request.json(list).send().await.unwrap().status(), 204);
    }

    pub async fn page(&self, session: &Value) -> Page {
        let id = session["id"].as_str().unwrap();
        self.browse(&format!("{}/pay/{id}", self.url)).await
    }

    pub async fn browse(&self, address: &str) -> Page {
        page(self.http.get(address)).await
    }

    pub async fn submit(&self, address: &str, form: &[(&str, &str)]) -> Page {
        page(self.http.post(address).form(form)).await
    }

    /// Types a card on the session's page.
    pub async fn pay(&self, session: &Value, number: &str) -> Page {
        let form = [("number", number), ("expiry", "12/40"), ("cvc", "123"), ("name", "A Reader")];
        let id = session["id"].as_str().unwrap();
        self.submit(&format!("{}/pay/{id}", self.url), &form).await
    }
}

async fn answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.bearer_auth(KEY).send().await?;
    let status = response.status();
    let replayed = response.headers().get("idempotent-replayed").is_some_and(|value| value == "true");
    let body = response.text().await?;
    let json = serde_json::from_str(&body).unwrap_or_default();
    Ok(Answer { status, replayed, body, json })
}

async fn page(request: RequestBuilder) -> Page {
    let response = request.send().await.unwrap();
    let text = |name| {
        let value = response.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (location, policy) = (text(header::LOCATION), text(header::CONTENT_SECURITY_POLICY));
    let status = response.status();
    Page { status, location, policy, body: response.text().await.unwrap() }
}

/// What came to the shop's webhook address.
#[derive(Clone)]
pub struct Received {
    pub signature: String,
    pub body: String,
}

/// A shop that writes down every webhook, and refuses as many as it is told to.
pub struct Shop {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    refusals: Arc<AtomicUsize>,
}

impl Shop {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let refusals = Arc::new(AtomicUsize::new(0));
        let (book, count) = (Arc::clone(&received), Arc::clone(&refusals));
        let take = async move |headers: HeaderMap, body: String| {
            let signature = headers.get("stripe-signature").unwrap().to_str().unwrap().to_owned();
            book.lock().unwrap().push(Received { signature, body });
            let refuse = count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if refuse.is_ok() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
        };
        tokio::spawn(axum::serve(listener, Router::new().route("/webhooks", post(take))).into_future());
        Self { url, received, refusals }
    }

    pub fn refuse(&self, count: usize) {
        self.refusals.store(count, Ordering::SeqCst);
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn kinds(&self) -> Vec<String> {
        self.fields("type")
    }

    /// How many different events came.
    pub fn distinct(&self) -> usize {
        self.fields("id").into_iter().collect::<HashSet<_>>().len()
    }

    fn fields(&self, name: &str) -> Vec<String> {
        let field = |received: Received| {
            let event: Value = serde_json::from_str(&received.body).unwrap();
            event[name].as_str().unwrap().to_owned()
        };
        self.received().into_iter().map(field).collect()
    }
}

/// The path of an intent, or of what is done with it.
pub fn path(intent: &Value, verb: &str) -> String {
    let path = format!("/v1/payment_intents/{}/{verb}", intent["id"].as_str().unwrap());
    path.trim_end_matches('/').to_owned()
}
