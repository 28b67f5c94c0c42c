//! The real bank, in this process, with books of its own and a slow card that takes two seconds.

use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::ended;
use super::settings::{BANK_KEY, WEBHOOK_SECRET};

pub const PAYS: &str = "4242 4242 4242 4242";
pub const DECLINED: &str = "4000 0000 0000 0002";
pub const SLOW: &str = "4000 0000 0000 5001";
/// Authorised, and never to be captured.
pub const EXPIRES: &str = "4000 0000 0000 5019";

pub struct TestBank {
    pub url: String,
    http: reqwest::Client,
    _ledger: TempDir,
    stop: oneshot::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl TestBank {
    /// A bank that tells `shop` what happens.
    pub async fn open(shop: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let mut config = bank::Config::new(BANK_KEY, WEBHOOK_SECRET, &url, folder.path().join("ledger"));
        config.webhook_url = Some(format!("{shop}/webhooks/stripe"));
        config.slow = Duration::from_secs(2);
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _gone_is_as_good = stopped.await;
        };
        let task = tokio::spawn(bank::run(listener, config, shutdown));
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { url, http, _ledger: folder, stop, task }
    }

    /// Replaces the faults in force by this JSON list.
    pub async fn faults(&self, list: &'static str) {
        let planned = self.http.post(format!("{}/control/faults", self.url)).bearer_auth(BANK_KEY).body(list);
        assert_eq!(planned.send().await.unwrap().status(), 204, "the bank knows these faults: {list}");
    }

    /// The books in short.
    pub async fn ledger(&self) -> Value {
        let books = self.http.get(format!("{}/control/ledger", self.url)).bearer_auth(BANK_KEY);
        serde_json::from_str(&books.send().await.unwrap().text().await.unwrap()).unwrap()
    }

    /// The money that the shop has got in all, in cents.
    pub async fn captured(&self) -> i64 {
        self.ledger().await["totals"]["eur"]["captured"].as_i64().unwrap_or(0)
    }

    /// Types a card into the bank's page and sends it: the status, and where the bank leads from there.
    pub async fn pay(&self, page: &str, card: &str) -> (u16, String) {
        assert!(page.starts_with(&self.url), "{page} is not a page of the bank");
        let form = [("number", card), ("expiry", "12/39"), ("cvc", "123"), ("name", "Ada Lovelace")];
        let answer = self.http.post(page).form(&form).send().await.unwrap();
        let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location.unwrap_or_default())
    }

    /// The webhook's signature over a body, at a moment in unix seconds.
    pub fn sign(body: &str, at: i64) -> String {
        bank::signature(WEBHOOK_SECRET, body, at)
    }

    pub async fn close(self) {
        drop(self.http);
        self.stop.send(()).unwrap();
        ended("the bank", self.task).await;
    }
}
