//! Who buys, over and over: as a program under a key, or by the form and the bank's page. Impatient, forgetful, and with
//! bad cards.

mod send;
mod wish;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use self::send::{is_settled, join_all};
use crate::client::{Answer, Client};
use crate::history::{History, Operation};
use crate::plan::Plan;
use crate::shop::Shop;

/// How often the same request is sent until it is answered for good.
const MOST_SENDINGS: usize = 12;
/// What an API client pays with.
const METHODS: [&str; 9] = [
    "pm_card_visa",
    "pm_card_visa",
    "pm_card_visa",
    "pm_card_visa",
    "pm_card_visa_chargeDeclined",
    "pm_card_chargeDeclinedInsufficientFunds",
    "pm_card_threeDSecure2Required",
    "pm_card_slow",
    "pm_card_captureExpired",
];
/// What shoppers type into the bank's page.
const CARDS: [&str; 7] = [
    "4242 4242 4242 4242",
    "4242 4242 4242 4242",
    "4242 4242 4242 4242",
    "4000 0000 0000 5001",
    "4000 0000 0000 0002",
    "4000 0000 0000 9995",
    "4000 0000 0000 5019",
];

pub struct Buyer {
    number: u64,
    shop: Arc<Shop>,
    history: History,
    client: Client,
    rng: StdRng,
    purchases: u64,
    /// The gift cards that were typed in since the shop last knew this buyer.
    cards: BTreeSet<String>,
}

impl Buyer {
    pub fn new(plan: &Plan, number: u64, shop: Arc<Shop>, history: History) -> Self {
        let client = Client::new(&shop.url);
        Self { number, shop, history, client, rng: plan.rng(1000 + number), purchases: 0, cards: BTreeSet::new() }
    }

    /// Buys until the shop closes.
    pub async fn run(mut self) {
        while !self.shop.closing.is_cancelled() {
            if self.chance(50) {
                self.client.forget();
                self.cards.clear();
            }
            // Whatever went wrong: there is always another wish.
            let _given_up = self.buy().await;
            self.idle(50, 3000).await;
        }
    }

    async fn buy(&mut self) -> Option<()> {
        self.purchases += 1;
        self.fill_basket().await?;
        let operation = self.wish().await?;
        let token = operation.token.clone();
        if self.chance(10) {
            // Another tab: the basket changes while it is ordered.
            let change = json!({ "edition": self.edition(), "quantity": self.rng.random_range(0..=2) });
            let request = self.client.request(Method::POST, "/api/set_quantity", "application/json").json(&change);
            tokio::spawn(Client::send(request, Duration::from_secs(10)));
        }
        if self.chance(30) {
            let answer = self.place_form(Operation { what: "place_form", key: token, ..operation }).await?;
            self.pay_on_page(&answer.order()).await?;
            self.pay_anew(&answer.order()).await
        } else {
            let method = self.chance(75).then(|| METHODS[self.rng.random_range(0..METHODS.len())]);
            let key = format!("{:032x}", self.rng.random::<u128>());
            let method = method.unwrap_or_default().to_owned();
            let hosted = method.is_empty();
            let operation = Operation { what: "place", key, method, ..operation };
            let answer = self.place_under_key(&operation).await?;
            if self.chance(5) {
                self.reuse_key(operation).await;
            }
            if hosted {
                self.pay_on_page(&answer.order()).await?
            } else {
                self.look(&answer.order()).await?
            }
            self.pay_anew(&answer.order()).await
        }
    }

    /// Pays once more where the bank has refused the first payment after the sale.
    async fn pay_anew(&mut self, order: &str) -> Option<()> {
        self.idle(100, 1500).await;
        let shown = self.client.get(&format!("/api/order?link={order}")).await?.json();
        if shown["state"] == "payment_failed" { self.pay_on_page(order).await } else { None }
    }

    /// Sends the same request until it is answered for good, and now and then once more.
    async fn place_under_key(&mut self, operation: &Operation) -> Option<Answer> {
        let mut last = None;
        for _ in 0..MOST_SENDINGS {
            let copies = if self.chance(15) { self.rng.random_range(2..=4) } else { 1 };
            let requests: Vec<_> = (0..copies).map(|_| self.order_request(operation)).collect();
            let sent =
                requests.into_iter().map(|(request, patience)| self.recorded(operation.clone(), request, patience));
            let answers = join_all(sent.collect()).await;
            let settled = answers.into_iter().flatten().find(is_settled);
            if settled.is_some() {
                last = settled;
                if !self.chance(30) {
                    break;
                }
            } else if self.shop.closing.is_cancelled() && last.is_none() {
                return None;
            }
            self.idle(20, 1500).await;
        }
        last
    }

    /// The form, sent twice by who is impatient.
    async fn place_form(&mut self, operation: Operation) -> Option<Answer> {
        let mut last = None;
        for _ in 0..MOST_SENDINGS {
            let copies = if self.chance(20) { 2 } else { 1 };
            let requests: Vec<_> = (0..copies).map(|_| self.form_request(&operation)).collect();
            let sent =
                requests.into_iter().map(|(request, patience)| self.recorded(operation.clone(), request, patience));
            let answer = join_all(sent.collect()).await.into_iter().flatten().find(|answer| answer.status == 303);
            if let Some(answer) = answer {
                last = Some(answer);
                if !self.chance(20) {
                    break;
                }
            } else if self.shop.closing.is_cancelled() {
                break;
            }
            self.idle(20, 1500).await;
        }
        last
    }

    /// A faulty program: another order under the same key.
    async fn reuse_key(&mut self, mut operation: Operation) -> Option<()> {
        let wish = json!({ "edition": self.edition(), "quantity": 1 });
        self.client.post("/api/add_to_basket", &wish).await?;
        let basket = self.client.get("/api/checkout").await?.json()["basket"].take();
        basket["token"].as_str()?.clone_into(&mut operation.token);
        let (request, patience) = self.order_request(&operation);
        operation.what = "reuse";
        self.recorded(operation, request, patience).await;
        Some(())
    }

    async fn pay_on_page(&mut self, order: &str) -> Option<()> {
        if order.is_empty() || self.chance(10) {
            return None;
        }
        let mut page = None;
        for _ in 0..8 {
            let shown = self.client.get(&format!("/api/order?link={order}")).await.map(|answer| answer.json());
            if shown.as_ref().is_some_and(|order| order["state"] == "paid") {
                break;
            }
            page = shown.and_then(|order| order["payment"]["url"].as_str().map(ToOwned::to_owned));
            if page.is_some() || self.shop.closing.is_cancelled() {
                break;
            }
            self.idle(100, 1500).await;
        }
        let Some(page) = page else {
            // A gift card has paid all of it, or the bank is silent.
            if self.chance(20) {
                self.cancel(order).await;
            }
            return self.look(order).await;
        };
        if self.chance(10) {
            self.cancel(order).await;
        }
        for _ in 0..self.rng.random_range(1..=2) {
            let card = CARDS[self.rng.random_range(0..CARDS.len())];
            self.client.pay(&page, card).await;
        }
        if self.chance(5) {
            self.cancel(order).await;
        }
        self.look(order).await
    }

    async fn cancel(&mut self, order: &str) {
        let operation =
            Operation { what: "cancel", buyer: self.number, order: order.to_owned(), ..Operation::default() };
        let request = self.client.request(Method::POST, "/api/cancel_order", "application/json");
        self.recorded(operation, request.json(&json!({ "order": order })), Duration::from_secs(10)).await;
    }

    /// Looks at the order until it has ended, or patience has.
    async fn look(&mut self, order: &str) -> Option<()> {
        if order.is_empty() {
            return None;
        }
        for _ in 0..6 {
            let operation =
                Operation { what: "look", buyer: self.number, order: order.to_owned(), ..Operation::default() };
            let path = format!("/api/order?link={order}");
            let request = self.client.request(Method::GET, &path, "application/json");
            let answer = self.recorded(operation, request, Duration::from_secs(10)).await;
            let state = answer.map(|answer| answer.json()["state"].take());
            if state.is_some_and(|state| state != Value::Null && state != "awaiting_payment") {
                break;
            }
            self.idle(200, 1500).await;
        }
        Some(())
    }

    fn edition(&mut self) -> u64 {
        self.shop.editions[self.rng.random_range(0..self.shop.editions.len())]
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_ratio(percent, 100)
    }

    async fn idle(&mut self, least: u64, most: u64) {
        sleep(Duration::from_millis(self.rng.random_range(least..most))).await;
    }
}
