//! A shop for one test: its own database, its own names at the real broker, its own bank, and the real server. Tests
//! speak to it by HTTP, through verbs; [`TestShop::close`] then holds its books against each other.

mod bank;
mod client;
mod html;
mod invariants;
mod mail;
mod process;
mod settings;
mod snapshot;

use std::path::Path;
use std::time::Duration;

use database::Database;
use database::testing::TestDatabase;
use leptos::config::LeptosOptions;
use messages::Names;
use outbox::testing::Line;
use purchase::money::{Currency, Money};
use purchase::total::codes::{Created, NewCode};
use purchase::total::{Discount, cards, codes};
use server::{MIGRATIONS, catalogue};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

pub use bank::{DECLINED, EXPIRES, PAYS, SLOW, TestBank};
pub use client::{Answer, Client, PASSWORD, address, sign_up_fields};
pub use html::tags;
pub use mail::TestMail;
pub use process::Process;
pub use settings::Settings;
pub use snapshot::Snapshot;

/// What sending a few books to Austria costs, in cents.
pub const DELIVERY: i64 = 390;
/// How long anything may take that is to happen by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A shop that is open.
pub struct TestShop {
    /// Where it is reached, without a slash at the end.
    pub url: String,
    pub bank: TestBank,
    /// What every server of this shop is started with.
    pub settings: Settings,
    test: TestDatabase,
    servers: Vec<Server>,
    site: TempDir,
}

/// A server in this process.
struct Server {
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

/// A stock row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Stock {
    pub sell_count: i32,
    pub held: i32,
    pub available: i32,
}

impl TestShop {
    /// A shop with the catalogue of `catalogue.toml`, served in this process.
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// The same, with other settings.
    pub async fn open_with(change: impl FnOnce(&mut Settings)) -> Self {
        let (mut shop, listener) = Self::prepare(change).await;
        shop.serve(listener).await;
        shop
    }

    /// A shop whose server reaches the database through a line that can be cut.
    pub async fn open_on_a_line() -> (Self, Line) {
        let (mut shop, listener) = Self::prepare(|_| {}).await;
        let line = Line::to(&shop.settings.database_url).await;
        shop.settings.database_url.clone_from(&line.url);
        shop.serve(listener).await;
        (shop, line)
    }

    /// A shop whose server is the real program, in a process of its own that can be killed.
    pub async fn open_process() -> (Self, Process) {
        Self::open_process_with(|_| {}).await
    }

    /// The same, with other settings.
    pub async fn open_process_with(change: impl FnOnce(&mut Settings)) -> (Self, Process) {
        let (shop, listener) = Self::prepare(change).await;
        drop(listener);
        let process = Process::start(&shop.settings, shop.site.path()).await;
        (shop, process)
    }

    async fn prepare(change: impl FnOnce(&mut Settings)) -> (Self, TcpListener) {
        // A second one finds it installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let test = TestDatabase::create(&MIGRATIONS).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        let bank = TestBank::open(&url).await;
        let mut settings = Settings::new(address, &test.url, &bank.url);
        change(&mut settings);
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shop/harness/catalogue.toml");
        catalogue::import(&settings.config(), Path::new(file)).await.unwrap();
        let shop = Self { url, bank, settings, test, servers: Vec::new(), site: site() };
        (shop, listener)
    }

    async fn serve(&mut self, listener: TcpListener) {
        let stop = CancellationToken::new();
        let options =
            LeptosOptions::builder().output_name("octavo").site_root(self.site.path().to_str().unwrap()).build();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(server::run(self.settings.config(), options, listener, stop.clone()));
        self.servers.push(Server { stop, task });
        let client = Client::new(&url, "*/*");
        within("the shop opens", async || client.try_get("/readyz").await.is_some_and(|answer| answer.status == 200))
            .await;
    }

    /// A further server on the same database, and where it is reached.
    pub async fn second_server(&mut self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        self.serve(listener).await;
        url
    }

    /// Somebody with a browser, who has never been here.
    pub fn browser(&self) -> Client {
        Client::new(&self.url, "text/html,application/xhtml+xml,*/*;q=0.8")
    }

    /// A program that speaks JSON.
    pub fn api(&self) -> Client {
        Client::new(&self.url, "application/json")
    }

    pub fn database(&self) -> &Database {
        &self.test.database
    }

    /// An edition's id, by its key in the catalogue.
    pub async fn edition(&self, key: &str) -> u64 {
        sqlx::query_scalar("select id from edition where external_key = concat('octavo/', ?)")
            .bind(key)
            .fetch_one(self.database().pool())
            .await
            .unwrap()
    }

    /// How an edition stands, by its key in the catalogue.
    pub async fn stock(&self, key: &str) -> Stock {
        sqlx::query_as(
            r#"
            select sell_count, held, received + allowance - sell_count - held as available
            from stock where edition_id = ?
            "#,
        )
        .bind(self.edition(key).await)
        .fetch_one(self.database().pool())
        .await
        .unwrap()
    }

    /// Makes a discount code that takes so many per cent off.
    pub async fn discount_code(&self, code: &str, percent: u32) {
        let new = NewCode {
            code: code.to_owned(),
            discount: Discount::Percentage { basis_points: percent * 100 },
            starts_at: time::macros::datetime!(2020-01-01 00:00),
            ends_at: None,
            most_uses: None,
            most_per_customer: None,
        };
        let mut connection = self.database().pool().acquire().await.unwrap();
        assert!(matches!(codes::create(&mut connection, &new).await.unwrap(), Created::Done(_)));
    }

    /// Issues a gift card over so many cents, and tells its code.
    pub async fn gift_card(&self, cents: i64) -> String {
        let mut connection = self.database().pool().acquire().await.unwrap();
        let amount = Money::new(cents, Currency::Eur);
        cards::issue(&mut connection, amount, "staff").await.unwrap().code.to_string()
    }

    /// The one number that a query finds.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.database().pool()).await.unwrap()
    }

    pub async fn execute(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(self.database().pool()).await.unwrap();
    }

    /// What proves the addresses of accounts, in the order in which it was asked for: as the letters have it.
    pub async fn proof_tokens(&self) -> Vec<String> {
        let owed = "select payload from outbox where type = 'address.proof' order by created_at, id";
        let letters: Vec<String> = sqlx::query_scalar(owed).fetch_all(self.database().pool()).await.unwrap();
        letters.iter().map(|letter| proof_token(letter).unwrap().to_owned()).collect()
    }

    /// How far an order has come, by its link.
    pub async fn order_state(&self, link: &str) -> String {
        sqlx::query_scalar("select state from orders where hex(link) = upper(?)")
            .bind(link)
            .fetch_one(self.database().pool())
            .await
            .unwrap()
    }

    /// Waits until an order has come to a state.
    pub async fn until_order(&self, link: &str, state: &str) {
        within(&format!("the order is {state}"), async || self.order_state(link).await == state).await;
    }

    /// Waits until the money of every sold order has been taken.
    pub async fn until_captured(&self) {
        let open = "select count(*) from payment_attempt where state = 'authorised'";
        within("the money is taken", async || self.count(open).await == 0).await;
    }

    pub async fn until_refunded(&self) {
        let owed = "select count(*) from refund where state in ('owed', 'pending')";
        within("the money is given back", async || self.count(owed).await == 0).await;
    }

    /// Waits until the program is told that an order is in this state: it knows more states than the database.
    pub async fn until_shown(&self, browser: &Client, link: &str, state: &str) {
        within(&format!("the order is shown as {state}"), async || {
            browser.as_api().get(&format!("/api/order?link={link}")).await.json()["state"] == state
        })
        .await;
    }

    /// Lets every attempt to pay be due, as if the time had come.
    pub async fn hurry(&self) {
        self.execute("update payment_attempt set settle_at = utc_timestamp(6)").await;
    }

    /// Everything that the database holds, to tell whether it has changed.
    pub async fn snapshot(&self) -> Snapshot {
        Snapshot::take(self.database()).await
    }

    /// Closes the shop, holds its books against each other, and takes it away.
    pub async fn close(self) {
        self.bank.faults("[]").await;
        self.hurry().await;
        if !self.servers.is_empty() {
            self.until_captured().await;
            self.until_refunded().await;
        }
        self.stop().await;
    }

    /// As [`close`](Self::close), for a shop that a process serves.
    pub async fn close_process(self, process: Process) {
        self.bank.faults("[]").await;
        self.hurry().await;
        self.until_captured().await;
        process.stop().await;
        self.stop().await;
    }

    async fn stop(self) {
        for server in self.servers {
            server.stop.cancel();
            ended("the server", server.task).await;
        }
        if let Err(found) = invariants::check(&self.test.database, &self.bank.ledger().await).await {
            panic!("the books do not agree: {found}");
        }
        self.bank.close().await;
        outbox::testing::remove(&Names::prefixed(&self.settings.broker_prefix)).await;
        self.test.drop().await;
    }
}

/// What cargo-leptos would have built, as far as tests look at it.
fn site() -> TempDir {
    let site = tempfile::tempdir().unwrap();
    std::fs::create_dir(site.path().join("pkg")).unwrap();
    std::fs::write(site.path().join("pkg/octavo.js"), "export {};").unwrap();
    std::fs::write(site.path().join("favicon.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
    site
}

/// The token in a letter that proves an address.
pub fn proof_token(letter: &str) -> Option<&str> {
    letter.split_once("/prove-address/")?.1.get(..32)
}

/// Waits for a task that was told to stop.
async fn ended(what: &str, task: JoinHandle<anyhow::Result<()>>) {
    let ended = timeout(PATIENCE, task).await;
    ended.unwrap_or_else(|_| panic!("{what} does not stop")).unwrap().unwrap();
}

/// Waits until something has happened.
pub async fn within(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !happened().await {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(Duration::from_millis(40)).await;
    }
}
