//! Whoever calls the shop: a browser without scripts, or a program. Keeps cookies, follows nothing by itself.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::html::{self, Form};
use super::{TestShop, within};

pub const PASSWORD: &str = "canary-password-nobody-guesses";

/// The fields of the checkout form that a shopper types.
pub fn address() -> Vec<(&'static str, String)> {
    [
        ("email", "canary@shopper.example"),
        ("name", "Canary Reader"),
        ("street", "12 Canary Row"),
        ("postcode", "1010"),
        ("city", "Wien"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// Somebody or something that calls the shop.
pub struct Client {
    pub url: String,
    accept: &'static str,
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
    /// The page that is looked at, from which forms are sent.
    looked_at: Mutex<Option<String>>,
}

/// What the shop answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    /// The path that was asked for.
    pub path: String,
}

impl Client {
    pub fn new(url: &str, accept: &'static str) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { url: url.to_owned(), accept, http, cookies: Mutex::default(), looked_at: Mutex::default() }
    }

    /// The same caller with the same cookies at another server of the shop.
    pub fn at(&self, url: &str) -> Self {
        let client = Self::new(url, self.accept);
        *client.cookies.lock().unwrap() = self.cookies.lock().unwrap().clone();
        client
    }

    /// The same caller with the same cookies, who wants JSON.
    pub fn as_api(&self) -> Self {
        Self { accept: "application/json", ..self.at(&self.url) }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// A request as a browser on one of our own pages would send it, to be changed before [`send`](Self::send).
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.bare_request(method.clone(), path);
        if method == Method::GET {
            return request;
        }
        let request = request.header("Origin", &self.url);
        match self.looked_at.lock().unwrap().as_ref() {
            Some(page) => request.header("Referer", format!("{}{page}", self.url)),
            None => request,
        }
    }

    /// A request that says nothing of where it comes from.
    pub fn bare_request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url)).header("Accept", self.accept);
        let cookies = self.cookies.lock().unwrap();
        let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { request } else { request.header("Cookie", pairs.join("; ")) }
    }

    pub async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let answer = request.send().await?;
        let mut cookies = BTreeMap::new();
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (pair, flags) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let ended = flags.contains("Max-Age=0");
            cookies.insert(name.to_owned(), (!ended).then(|| value.to_owned()));
        }
        let path = answer.url().path().to_owned();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.text().await?;
        let mut jar = self.cookies.lock().unwrap();
        for (name, value) in cookies {
            match value {
                Some(value) => jar.insert(name, value),
                None => jar.remove(&name),
            };
        }
        Ok(Answer { status, headers, body, path })
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).await.unwrap()
    }

    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        self.try_send(self.request(Method::GET, path)).await.ok()
    }

    pub async fn get(&self, path: &str) -> Answer {
        let answer = self.send(self.request(Method::GET, path)).await;
        *self.looked_at.lock().unwrap() = Some(path.to_owned());
        answer
    }

    pub async fn post_form(&self, path: &str, fields: &[(&str, String)]) -> Answer {
        self.send(self.request(Method::POST, path).form(fields)).await
    }

    /// Sends JSON, an order under a key of its own.
    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.post_json_under(&format!("{:032x}", rand::random::<u128>()), path, body).await
    }

    pub async fn post_json_under(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    /// Follows an answer that leads to another page of the shop.
    pub async fn follow(&self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, 303, "{answer:?}");
        self.get(answer.location()).await
    }

    /// Sends the form of a page whose action this is, as far as it is filled in, with what is typed in addition, and
    /// goes where it leads.
    pub async fn submit(&self, page: &Answer, action: &str, typed: &[(&str, String)]) -> Answer {
        let form = page.form(action);
        let mut fields = form.fields;
        fields.retain(|(name, _)| !typed.iter().any(|(typed, _)| typed == name));
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        *self.looked_at.lock().unwrap() = Some(page.path.clone());
        let answer = self.send(self.request(Method::POST, action).form(&fields)).await;
        self.follow(&answer).await
    }

    /// Makes an account, with the e-mail address `{name}@shopper.example`.
    pub async fn sign_up(&self, name: &str) {
        let fields = sign_up_fields(name);
        let answer = self.post_form("/api/sign_up", &fields).await;
        assert!(matches!(answer.status, 200 | 303), "{answer:?}");
    }

    pub async fn sign_in(&self, name: &str) -> Answer {
        let email = format!("{name}@shopper.example");
        self.post_form("/api/sign_in", &[("email", email), ("password", PASSWORD.to_owned())]).await
    }

    /// Puts copies into the basket.
    pub async fn add(&self, edition: u64, quantity: i64) -> Answer {
        let fields = [("edition", edition.to_string()), ("quantity", quantity.to_string())];
        self.post_form("/api/add_to_basket", &fields).await
    }

    /// The token of the checkout page as it stands now.
    pub async fn checkout_token(&self) -> String {
        let page = self.as_browser().get("/checkout").await;
        page.form("/api/place_order").field("token").to_owned()
    }

    fn as_browser(&self) -> Self {
        Self { accept: "text/html", ..self.at(&self.url) }
    }

    /// Sends the checkout form with this token; as a program, under the token as its key, and again as long as the first
    /// one is under way.
    pub async fn place(&self, token: &str) -> Answer {
        let mut fields = address();
        fields.push(("token", token.to_owned()));
        let request = || self.request(Method::POST, "/api/place_order").form(&fields);
        if self.accept != "application/json" {
            return self.send(request()).await;
        }
        loop {
            let answer = self.send(request().header("Idempotency-Key", token)).await;
            if answer.status != 409 || answer.problem() != "in_flight" {
                return answer;
            }
            assert_eq!(answer.header("retry-after"), "2");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Orders what is in the basket: the order's link.
    pub async fn place_order(&self) -> String {
        let answer = self.place(&self.checkout_token().await).await;
        answer.order_link()
    }

    /// Puts copies of an edition into the basket and orders them: the order's link.
    pub async fn order(&self, shop: &TestShop, key: &str, quantity: i64) -> String {
        let added = self.add(shop.edition(key).await, quantity).await;
        assert!(matches!(added.status, 200 | 303), "{added:?}");
        self.place_order().await
    }

    /// The address of the bank's page for an order, once there is one.
    pub async fn pay_page(&self, link: &str) -> String {
        let mut found = None;
        within("the bank opens its page", async || {
            let order = self.as_api().get(&format!("/api/order?link={link}")).await.json();
            found = order["payment"]["url"].as_str().map(str::to_owned);
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// Pays an order with a card, and waits until the shop says that it is paid.
    pub async fn pay(&self, shop: &TestShop, link: &str, card: &str) {
        let (status, back) = shop.bank.pay(&self.pay_page(link).await, card).await;
        assert_eq!((status, back), (303, format!("{}/order/{link}?paid", shop.settings.public_url)));
        shop.until_order(link, "paid").await;
    }

    /// Puts copies into the basket, orders and pays them: the order's link.
    pub async fn buy(&self, shop: &TestShop, key: &str, quantity: i64) -> String {
        let link = self.order(shop, key, quantity).await;
        self.pay(shop, &link, super::PAYS).await;
        link
    }

    pub async fn cancel(&self, link: &str) -> Answer {
        self.post_form("/api/cancel_order", &[("order", link.to_owned())]).await
    }

    /// What is in the basket: titles and copies.
    pub async fn basket(&self) -> Vec<(String, i64)> {
        let basket = self.as_api().get("/api/basket").await.json();
        let lines = basket["lines"].as_array().unwrap().iter();
        lines.map(|line| (line["title"].as_str().unwrap().to_owned(), line["quantity"].as_i64().unwrap())).collect()
    }
}

pub fn sign_up_fields(name: &str) -> [(&'static str, String); 3] {
    let email = format!("{name}@shopper.example");
    [("name", format!("Reader {name}")), ("email", email), ("password", PASSWORD.to_owned())]
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        let name: HeaderName = name.parse().unwrap();
        self.headers.get(name).map_or("", |value: &HeaderValue| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of a problem+json, after its own status has been found to be the answer's.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let json = self.json();
        assert_eq!(json["status"], json!(self.status));
        let id = if self.status >= 500 { json!(self.header("x-request-id")) } else { Value::Null };
        assert_eq!(json["request_id"], id);
        json["code"].as_str().unwrap().to_owned()
    }

    /// The words of a page.
    pub fn words(&self) -> String {
        html::words(&self.body)
    }

    pub fn forms(&self) -> Vec<Form> {
        html::forms(&self.body)
    }

    pub fn form(&self, action: &str) -> Form {
        let form = self.forms().into_iter().find(|form| form.action == action);
        form.unwrap_or_else(|| panic!("no form to {action} on {}: {}", self.path, self.words()))
    }

    /// The order that an answer leads to or tells of.
    pub fn order_link(&self) -> String {
        let to = match self.status {
            303 => self.location().to_owned(),
            200 | 202 => self.json()["order"].as_str().unwrap().to_owned(),
            _ => panic!("no order was placed: {self:?}"),
        };
        let link = to.strip_prefix("/order/").unwrap_or_else(|| panic!("{to} is no order: {self:?}"));
        link.split(['/', '?']).next().unwrap().to_owned()
    }
}

impl Form {
    pub fn field(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(field, _)| field == name);
        field.map_or_else(|| panic!("the form has no field {name}: {self:?}"), |(_, value)| value)
    }
}
