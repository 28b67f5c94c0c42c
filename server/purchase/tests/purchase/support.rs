//! A shop without a web: a database of its own, a bank of its own, and the invariants that hold whatever a test does.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use database::Database;
use database::testing::TestDatabase;
use hmac::{Hmac, KeyInit, Mac};
use identity::{Customer, OrderHolder, Shopper};
use purchase::basket::Changed;
use purchase::money::{Currency, Money};
use purchase::order::{Order, OrderLink, OrderState};
use purchase::payment::Stripe;
use purchase::place::contact::ContactForm;
use purchase::place::idempotency::Key;
use purchase::place::token::Token;
use purchase::place::{PlaceOrder, PlaceOutcome, Placed};
use purchase::stock::offer::NewOffer;
use purchase::total::ProductType;
use purchase::{Error, Purchase, Settings, TillSettings};
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::Sha256;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub const PAYS: &str = "4242424242424242";
pub const DECLINED: &str = "4000000000000002";
pub const SLOW: &str = "4000000000005001";
/// Authorised, and never to be captured.
pub const EXPIRES: &str = "4000000000005019";

const KEY: &str = "sk_test_bank";

/// A shop that sells editions, and the bank that it trusts.
pub struct Shop {
    pub purchase: Purchase,
    pub test: TestDatabase,
    bank_url: String,
    http: reqwest::Client,
    _bank: oneshot::Sender<()>,
    _ledger: TempDir,
}

impl Shop {
    /// Opens one that has these copies of editions 1, 2, 3 …, at € 10 each; delivery is free.
    pub async fn with_copies(copies: &[i32]) -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let test = TestDatabase::create(&sqlx::migrate!("../../migrations/shop")).await;
        let ledger = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let bank_url = format!("http://{}", listener.local_addr().unwrap());
        let mut config = bank::Config::new(KEY, "whsec_test", &bank_url, ledger.path().join("ledger"));
        config.slow = Duration::from_secs(1);
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(bank::run(listener, config, async move {
            let _gone_is_as_good = stopped.await;
        }));
        sqlx::query("update shipping_rate set price = 0").execute(test.database.pool()).await.unwrap();
        let purchase = purchase(test.database.clone(), &bank_url);
        let offers: Vec<NewOffer> = (1..)
            .zip(copies)
            .map(|(edition, copies)| NewOffer {
                edition,
                price: Money::new(1000, Currency::Eur),
                weight_g: Some(400),
                product: ProductType::Book,
                copies: *copies,
            })
            .collect();
        purchase.put_offers(&offers).await.unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { purchase, test, bank_url, http, _bank: stop, _ledger: ledger }
    }

    /// Another instance of the shop on the same database, with connections of its own.
    pub async fn another_instance(&self) -> Purchase {
        self.instance_at(&self.test.url).await
    }

    /// The same, by another way to the database.
    pub async fn instance_at(&self, url: &str) -> Purchase {
        let settings = database::Settings { url: url.to_owned(), max_connections: 12 };
        purchase(Database::connect(&settings).await.unwrap(), &self.bank_url)
    }

    /// A guest with these copies in the basket.
    pub async fn guest_with(&self, lines: &[(u64, i32)]) -> Shopper {
        let guest = identity::testing::guest();
        for (edition, quantity) in lines {
            let changed = self.purchase.add_to_basket(&guest, *edition, *quantity).await.unwrap();
            assert_eq!(changed, Changed::Done);
        }
        guest
    }

    /// What signing in does: the guest is this customer.
    pub async fn link(&self, guest: &Shopper, customer: &Customer) {
        let link = sqlx::query("insert into shopper (id, customer_id) values (?, ?)");
        let link = link.bind(guest.id().as_uuid()).bind(customer.id().as_uuid());
        link.execute(self.test.database.pool()).await.unwrap();
    }

    /// The token of what is in the basket now.
    pub async fn token(&self, shopper: &Shopper) -> Token {
        self.purchase.basket(shopper).await.unwrap().unwrap().priced.unwrap().token
    }

    /// Sends the checkout form.
    pub async fn place(&self, shopper: &Shopper, token: Token) -> PlaceOutcome {
        place(&self.purchase, shopper, token).await
    }

    /// Orders a copy of edition 1 as a new guest, with this e-mail address: who it is, and the order.
    pub async fn order_as_guest(&self, email: &str) -> (Shopper, Placed) {
        let guest = self.guest_with(&[(1, 1)]).await;
        let token = self.token(&guest).await;
        let contact = ContactForm { email: email.to_owned(), ..contact() };
        let request = PlaceOrder { key: Key::Form(token), token, contact, method: None };
        match send(&self.purchase, &guest, request).await {
            PlaceOutcome::Placed(placed) => (guest, placed),
            other => panic!("no order: {other:?}"),
        }
    }

    /// Orders what is in the basket; the test goes on only if that works.
    pub async fn order(&self, shopper: &Shopper) -> Placed {
        let token = self.token(shopper).await;
        match self.place(shopper, token).await {
            PlaceOutcome::Placed(placed) => placed,
            other => panic!("no order: {other:?}"),
        }
    }

    pub async fn order_page(&self, link: OrderLink) -> Order {
        self.purchase.order(holder(link)).await.unwrap().unwrap()
    }

    pub async fn state(&self, link: OrderLink) -> OrderState {
        self.order_page(link).await.state
    }

    /// Types a card into the bank's page of an order.
    pub async fn pay(&self, link: OrderLink, card: &str) -> reqwest::StatusCode {
        let url = self.order_page(link).await.payment.unwrap().url;
        let fields = [("number", card), ("expiry", "12/40"), ("cvc", "123"), ("name", "Ada Lovelace")];
        self.http.post(url).form(&fields).send().await.unwrap().status()
    }

    /// Makes the bank misbehave; `[]` heals it.
    pub async fn faults(&self, faults: Value) {
        let request = self.http.post(format!("{}/control/faults", self.bank_url)).bearer_auth(KEY).json(&faults);
        assert_eq!(request.send().await.unwrap().status(), 204);
    }

    /// Does something in the bank's dashboard.
    pub async fn control(&self, path: &str, fields: &[(&str, &str)]) -> Value {
        let request = self.http.post(format!("{}/control/{path}", self.bank_url)).bearer_auth(KEY).form(fields);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        answer.json().await.unwrap_or_default()
    }

    /// Somebody captures a payment in the bank's dashboard.
    pub async fn capture_by_hand(&self, intent: &str) {
        let url = format!("{}/v1/payment_intents/{intent}/capture", self.bank_url);
        let answer = self.http.post(url).bearer_auth(KEY).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// Delivers an event of the bank's, signed as it signs.
    pub async fn tell(&self, kind: &str, intent: &str, object: &str) {
        let event = json!({
            "id": format!("evt_{}", rand::random::<u64>()), "type": kind,
            "data": { "object": { "id": object, "payment_intent": intent } }
        });
        let body = event.to_string();
        let at = time::OffsetDateTime::now_utc().unix_timestamp();
        let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_test").unwrap();
        mac.update(format!("{at}.{body}").as_bytes());
        let signature = format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()));
        self.purchase.take_webhook(&signature, body.as_bytes()).await.unwrap();
    }

    /// The bank's own books: every payment that it knows of.
    pub async fn bank_intents(&self) -> Vec<Value> {
        let request = self.http.get(format!("{}/control/ledger", self.bank_url)).bearer_auth(KEY);
        let ledger: Value = request.send().await.unwrap().json().await.unwrap();
        ledger["intents"].as_array().unwrap().clone()
    }

    /// Lets the worker look at everything now, until the order has come to `state`.
    pub async fn settle_until(&self, link: OrderLink, state: OrderState) {
        let begun = Instant::now();
        while self.state(link).await != state || self.count("payment_attempt where state = 'authorised'").await > 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "still {:?}", self.state(link).await);
            self.everything_is_due().await;
            self.purchase.work_once().await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Lets the worker look at everything now, until the bank's page of an order is open.
    pub async fn until_payable(&self, link: OrderLink) {
        for _ in 0..50 {
            if self.order_page(link).await.payment.is_some() {
                return;
            }
            self.everything_is_due().await;
            self.purchase.work_once().await.unwrap();
        }
        panic!("no page to pay on: {:?}", self.order_page(link).await);
    }

    pub async fn everything_is_due(&self) {
        self.sql("update payment_attempt set settle_at = utc_timestamp(6)").await;
    }

    /// Puts the shop's clock forward for an order's payment: the bank should have closed its page.
    pub async fn time_is_up(&self) {
        self.sql("update payment_attempt set create_until = utc_timestamp(6), expires_at = utc_timestamp(6)").await;
    }

    pub async fn sql(&self, statement: &str) {
        sqlx::query(AssertSqlSafe(statement)).execute(self.test.database.pool()).await.unwrap();
    }

    /// Somebody who has locked an edition's stock row.
    pub async fn lock_stock(&self, edition: u64) -> MySqlConnection {
        let mut connection = MySqlConnection::connect(&self.test.url).await.unwrap();
        let lock = format!("start transaction; select edition_id from stock where edition_id = {edition} for update");
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut connection).await.unwrap();
        connection
    }

    /// How many rows `select count(*) from …` finds.
    pub async fn count(&self, from: &str) -> i64 {
        let statement = format!("select count(*) from {from}");
        sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(self.test.database.pool()).await.unwrap()
    }

    /// An edition's stock row: received, sold, held.
    pub async fn stock(&self, edition: u64) -> (i32, i32, i32) {
        sqlx::query_as("select received, sell_count, held from stock where edition_id = ?")
            .bind(edition)
            .fetch_one(self.test.database.pool())
            .await
            .unwrap()
    }

    /// Checks what must hold at every instant (S1, S2, S4, S5 of docs/purchase-cases.md), then throws the shop away.
    pub async fn close(self) {
        for broken in [
            // S1: the stock row says what holds and ledger say.
            "stock where sell_count <> (select coalesce(sum(quantity), 0) from hold \
             where hold.edition_id = stock.edition_id and hold.state = 'sold')",
            "stock where held <> (select coalesce(sum(quantity), 0) from hold \
             where hold.edition_id = stock.edition_id and hold.state = 'held')",
            "stock where held <> (select coalesce(sum(case movement when 'held' then quantity \
             when 'released' then -quantity when 'sold' then -quantity else 0 end), 0) from stock_ledger \
             where stock_ledger.edition_id = stock.edition_id)",
            // The same for codes and cards.
            "discount_code where used <> (select count(*) from discount_use where code_id = discount_code.id and \
             state = 'used') or held <> (select count(*) from discount_use where code_id = discount_code.id and \
             state = 'held')",
            "gift_card where spent <> (select coalesce(sum(amount), 0) from gift_card_use where card_id = gift_card.id \
             and state = 'spent') or held <> (select coalesce(sum(amount), 0) from gift_card_use where \
             card_id = gift_card.id and state = 'held')",
            "gift_card where (issued, held, spent) <> (select sum(if(movement = 'issued', amount, 0)), \
             sum(case movement when 'held' then amount when 'released' then -amount when 'spent' then -amount else 0 \
             end), sum(case movement when 'spent' then amount when 'given_back' then -amount else 0 end) \
             from money_ledger where card_id = gift_card.id)",
            "orders where total <> (select coalesce(sum(gross), 0) from order_vat where order_id = orders.id) \
             or discount <> (select coalesce(sum(discount), 0) from order_line where order_id = orders.id) \
             or gift_card <> (select coalesce(sum(amount), 0) from gift_card_use where order_id = orders.id)",
            // What went back of a payment is what its refunds say.
            "payment_attempt where refunded <> (select coalesce(sum(amount), 0) from refund \
             where refund.attempt_id = payment_attempt.id and refund.state <> 'failed')",
            "stock where sell_count + held > received + allowance",
            // S2: one attempt that took money at most.
            "(select order_id from payment_attempt where state in ('authorised', 'captured') \
             group by order_id having count(*) > 1) as doubled",
            // S4: every step is written down, and the last one is where the order stands.
            "orders where state <> coalesce((select to_state from order_event \
             where order_event.order_id = orders.id order by id desc limit 1), 'nothing')",
            // S5: one confirmation for each paid order, none for any other.
            "orders where (state in ('paid', 'refunded', 'reversed')) <> (select count(*) from outbox \
             where outbox.subject_id = orders.id and type = 'order.confirmed')",
        ] {
            assert_eq!(self.count(broken).await, 0, "{broken}");
        }
        for intent in self.bank_intents().await {
            let net = intent["captured"].as_i64().unwrap() - intent["refunded"].as_i64().unwrap();
            let attempt = intent["metadata"]["attempt"].as_str().unwrap().replace('-', "");
            // S2: what the bank has taken and not given back is what our books say.
            let ours = self
                .count(&format!(
                    "orders join payment_attempt on payment_attempt.order_id = orders.id \
                     where payment_attempt.id = unhex('{attempt}') and orders.state in ('paid', 'refunded') \
                     and payment_attempt.state in ('captured', 'voided') and orders.total - orders.gift_card - refunded = {net}"
                ))
                .await;
            assert!(net == 0 || ours == 1, "the bank's books and ours differ: {intent}");
        }
        let paid = "orders where state = 'paid' and not exists (select 1 from payment_attempt \
                    where payment_attempt.order_id = orders.id and payment_attempt.state = 'captured')";
        assert_eq!(self.count(paid).await, 0, "{paid}");
        self.test.drop().await;
    }
}

/// Whoever has the link.
pub fn holder(link: OrderLink) -> OrderHolder {
    OrderHolder::of_link(&link.to_string()).unwrap()
}

fn purchase(database: Database, bank_url: &str) -> Purchase {
    let bank = Stripe::new(bank_url.to_owned(), SecretString::from(KEY)).unwrap();
    let settings = Settings {
        public_url: "http://shop.example".to_owned(),
        token_secret: SecretString::from("a secret of thirty-two characters!"),
        webhook_secret: SecretString::from("whsec_test"),
        collect_at: Some("Octavo, Bookmakers' Row 8".to_owned()),
        hold: Duration::from_mins(40),
        till: TillSettings::default(),
    };
    Purchase::new(database, Arc::new(bank), settings, Arc::default())
}

/// Sends the checkout form to one instance.
pub async fn place(purchase: &Purchase, shopper: &Shopper, token: Token) -> PlaceOutcome {
    send(purchase, shopper, PlaceOrder { key: Key::Form(token), token, contact: contact(), method: None }).await
}

/// Sends any request to one instance.
pub async fn send(purchase: &Purchase, shopper: &Shopper, request: PlaceOrder) -> PlaceOutcome {
    let titles = |editions: Vec<u64>| async move {
        Ok::<HashMap<u64, String>, Error>(editions.into_iter().map(|id| (id, format!("Book {id}"))).collect())
    };
    purchase.place_order(shopper, request, titles).await.unwrap()
}

pub fn contact() -> ContactForm {
    ContactForm {
        email: "ada@example.org".to_owned(),
        name: "Ada Lovelace".to_owned(),
        street: "12 St James's Square".to_owned(),
        postcode: "1010".to_owned(),
        city: "Wien".to_owned(),
    }
}

/// How often a fault strikes before the bank recovers: one that it keeps for the key strikes further keys too.
pub fn times(effect: &str) -> u32 {
    if effect == "keep_500" { 3 } else { 1 }
}

/// A fault that strikes an endpoint of the bank `times` times.
pub fn fault(endpoint: &str, effect: &str, times: u32) -> Value {
    json!([{ "endpoint": endpoint, "effect": effect, "ms": 0, "times": times }])
}
