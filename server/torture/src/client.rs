//! Somebody's program or browser: keeps cookies, follows nothing, and may hang up.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

pub struct Client {
    http: reqwest::Client,
    url: String,
    cookies: BTreeMap<String, String>,
}

/// What was answered.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub replayed: bool,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// The code of a problem.
    pub fn code(&self) -> String {
        if self.status < 400 { String::new() } else { self.json()["code"].as_str().unwrap_or("?").to_owned() }
    }

    /// The order that it leads to or tells of.
    pub fn order(&self) -> String {
        let json = self.json();
        let to = json["order"].as_str().unwrap_or(&self.location);
        let link = to.strip_prefix("/order/").unwrap_or_default();
        link.split(['/', '?']).next().unwrap_or_default().to_owned()
    }
}

impl Client {
    pub fn new(url: &str) -> Self {
        // No connection outlives its request, so that each request meets another server.
        let http = reqwest::Client::builder().redirect(Policy::none()).pool_max_idle_per_host(0).build().unwrap();
        Self { http, url: url.to_owned(), cookies: BTreeMap::new() }
    }

    /// Somebody else from now on.
    pub fn forget(&mut self) {
        self.cookies.clear();
    }

    pub fn request(&self, method: Method, path: &str, accept: &str) -> RequestBuilder {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.request(method, format!("{}{path}", self.url));
        request.header("Accept", accept).header("Origin", &self.url).header("Cookie", cookies.join("; "))
    }

    /// Sends a request and waits so long for the answer; `None` when there was none.
    pub async fn send(request: RequestBuilder, patience: Duration) -> Option<(Answer, Vec<String>)> {
        let answer = request.timeout(patience).send().await.ok()?;
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (location, replayed) = (header("location").to_owned(), header("idempotent-replayed") == "true");
        let cookies = answer.headers().get_all("set-cookie").iter();
        let cookies = cookies.filter_map(|cookie| Some(cookie.to_str().ok()?.to_owned())).collect();
        let status = answer.status().as_u16();
        let body = answer.text().await.ok()?;
        Some((Answer { status, location, replayed, body }, cookies))
    }

    /// The same, and keeps the cookies.
    pub async fn call(&mut self, request: RequestBuilder, patience: Duration) -> Option<Answer> {
        let (answer, cookies) = Self::send(request, patience).await?;
        for cookie in cookies {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Some(answer)
    }

    pub async fn get(&mut self, path: &str) -> Option<Answer> {
        self.call(self.request(Method::GET, path, "application/json"), Duration::from_secs(10)).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Option<Answer> {
        let request = self.request(Method::POST, path, "application/json").json(body);
        self.call(request, Duration::from_secs(15)).await
    }

    /// Fills in the bank's page: its status.
    pub async fn pay(&self, page: &str, card: &str) -> Option<u16> {
        let form = [("number", card), ("expiry", "12/39"), ("cvc", "123"), ("name", "Ada Lovelace")];
        let request = self.http.post(page).form(&form).timeout(Duration::from_secs(10));
        Some(request.send().await.ok()?.status().as_u16())
    }
}
