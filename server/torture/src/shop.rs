//! A whole shop: a database for the servers and one for the notifiers, a bank, servers behind a gate, a mailbox.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use database::Database;
use database::testing::{Line, TestDatabase};
use messages::Names;
use serde_json::Value;
use sqlx::migrate::Migrator;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::broker::Broker;
use crate::crew::Crew;
use crate::mailbox::Mailbox;
use crate::plan::{EDITIONS, Plan};
use crate::tally::Tally;
use crate::vouchers::Vouchers;
use crate::{gate, history, places};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/shop");

const BANK_KEY: &str = "sk_test_torture";
const WEBHOOK_SECRET: &str = "whsec_torture";

pub struct Shop {
    /// Where buyers reach it, without a slash at the end.
    pub url: String,
    pub bank_url: String,
    /// The editions' ids.
    pub editions: Vec<u64>,
    pub vouchers: Vouchers,
    pub mailbox: Mailbox,
    pub broker: Broker,
    /// The servers' way to their database, and the notifiers' to theirs.
    pub books_line: Line,
    pub mails_line: Line,
    /// What the nemesis has done.
    pub deeds: Tally,
    pub crew: Arc<Mutex<Crew>>,
    /// When somebody stood still.
    pub pauses: Pauses,
    /// Told when nobody is to begin anything any more.
    pub closing: Closing,
    pub folder: PathBuf,
    books: TestDatabase,
    mails: TestDatabase,
    prefix: String,
    http: reqwest::Client,
    _site: TempDir,
}

/// From when until when processes were stopped, in microseconds since 1970.
#[derive(Default)]
pub struct Pauses(std::sync::Mutex<Vec<(i64, i64)>>);

impl Pauses {
    /// One begins now.
    pub fn begin(&self, pause: Duration) {
        let from = history::now();
        let length = i64::try_from(pause.as_micros()).unwrap();
        self.0.lock().unwrap().push((from, from + length));
    }

    /// Since when somebody may have stood still who goes on after `from`; `from` itself where nobody has.
    pub fn reaching(&self, from: i64, margin: i64) -> i64 {
        let pauses = self.0.lock().unwrap();
        pauses.iter().filter(|(_, end)| *end + margin >= from).map(|(begin, _)| *begin).fold(from, i64::min)
    }
}

/// Whether the shop is about to close.
#[derive(Clone, Default)]
pub struct Closing(Arc<std::sync::atomic::AtomicBool>);

impl Closing {
    pub fn cancel(&self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}

impl Shop {
    pub async fn open(plan: &Plan) -> Self {
        let books = TestDatabase::create(&MIGRATIONS).await;
        let mails = TestDatabase::create(&notifier::MIGRATIONS).await;
        let mailbox = Mailbox::open().await;
        let (site, prefix) = (site(), outbox::testing::prefix());
        let books_line = Line::lay(&books.url, site.path());
        let mails_line = Line::lay(&mails.url, site.path());
        let programs = std::env::current_exe().unwrap().parent().unwrap().to_owned();
        let addresses: Vec<SocketAddr> = (0..plan.servers).map(|_| free_address()).collect();
        let url = format!("http://{}", gate::open(addresses.clone()).await);
        let bank_address = free_address();
        let bank_url = format!("http://{bank_address}");
        let common = Common {
            plan,
            books: &books_line.url,
            mails: &mails_line.url,
            prefix: &prefix,
            site: site.path(),
            url: &url,
            bank_url: &bank_url,
        };
        import(&programs, &common).await;
        let mut crew = Crew::new(plan.rng(1));
        let log = |name: &str| plan.folder.join(format!("{name}.log"));
        crew.hire("bank".to_owned(), programs.join("octavo-bank"), common.bank(bank_address), &[], log("bank"));
        for (number, address) in addresses.iter().enumerate() {
            let name = format!("server{number}");
            let environment = common.server(*address, number);
            crew.hire(name.clone(), programs.join("octavo-server"), environment, &places::SERVER, log(&name));
        }
        for number in 0..plan.notifiers {
            let name = format!("notifier{number}");
            let environment = common.notifier(mailbox.address);
            crew.hire(name.clone(), programs.join("octavo-notifier"), environment, &places::NOTIFIER, log(&name));
        }
        crew.armed = true;
        let mut editions = Vec::new();
        for key in EDITIONS {
            let id = sqlx::query_scalar("select id from edition where external_key = concat('octavo/', ?)").bind(key);
            editions.push(id.fetch_one(books.database.pool()).await.unwrap());
        }
        let (vouchers, mut rng) = (Vouchers::default(), plan.rng(3));
        for _ in 0..4 {
            vouchers.issue(&books.database, &mut rng).await.unwrap();
        }
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
        for address in addresses {
            let begun = Instant::now();
            while !http.get(format!("http://{address}/readyz")).send().await.is_ok_and(|answer| answer.status() == 200)
            {
                assert!(
                    begun.elapsed() < Duration::from_secs(60),
                    "a server does not open: see {}",
                    plan.folder.display()
                );
                sleep(Duration::from_millis(100)).await;
            }
        }
        Self {
            url,
            bank_url,
            editions,
            vouchers,
            mailbox,
            broker: Broker::new(&prefix),
            books_line,
            mails_line,
            deeds: Tally::default(),
            pauses: Pauses::default(),
            crew: Arc::new(Mutex::new(crew)),
            closing: Closing::default(),
            folder: plan.folder.clone(),
            books,
            mails,
            prefix,
            http,
            _site: site,
        }
    }

    pub fn database(&self) -> &Database {
        &self.books.database
    }

    /// The notifiers' database.
    pub fn mails(&self) -> &Database {
        &self.mails.database
    }

    /// The one number that a query finds.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.database().pool()).await.unwrap()
    }

    /// Replaces the bank's faults; false when it is down.
    pub async fn faults(&self, list: &Value) -> bool {
        let planned = self.http.post(format!("{}/control/faults", self.bank_url)).bearer_auth(BANK_KEY).json(list);
        planned.send().await.is_ok_and(|answer| answer.status() == 204)
    }

    /// The bank's books in short.
    pub async fn ledger(&self) -> Value {
        let books = self.http.get(format!("{}/control/ledger", self.bank_url)).bearer_auth(BANK_KEY);
        books.send().await.unwrap().json().await.unwrap()
    }

    /// Ends everything; the databases stay to be looked at unless all was well.
    pub async fn close(&self, clean: bool) {
        self.crew.lock().await.end("").await;
        outbox::testing::remove(&Names::prefixed(&self.prefix)).await;
        if !clean {
            println!("the shop's database: {}", self.books.url);
            println!("the notifiers': {}", self.mails.url);
        }
    }
}

struct Common<'a> {
    plan: &'a Plan,
    books: &'a str,
    mails: &'a str,
    prefix: &'a str,
    site: &'a Path,
    url: &'a str,
    bank_url: &'a str,
}

impl Common<'_> {
    fn server(&self, address: SocketAddr, number: usize) -> Vec<(String, String)> {
        let index = self.site.join(format!("index{number}"));
        with_defect(vec![
            ("OCTAVO_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/../../Leptos.toml").to_owned()),
            ("OCTAVO_SHOP__PUBLIC_URL", self.url.to_owned()),
            ("OCTAVO_SHOP__ADDRESS", address.to_string()),
            ("OCTAVO_SHOP__TOKEN_SECRET", "torture-token-secret-that-nobody-knows".to_owned()),
            ("OCTAVO_DATABASE__URL", self.books.to_owned()),
            ("OCTAVO_DATABASE__MAX_CONNECTIONS", "16".to_owned()),
            ("OCTAVO_BROKER__URL", outbox::testing::broker_url()),
            ("OCTAVO_BROKER__PREFIX", self.prefix.to_owned()),
            ("OCTAVO_PAYMENT__BASE_URL", self.bank_url.to_owned()),
            ("OCTAVO_PAYMENT__SECRET_KEY", BANK_KEY.to_owned()),
            ("OCTAVO_PAYMENT__WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
            ("OCTAVO_SEARCH__INDEX_DIR", index.to_str().unwrap().to_owned()),
            ("LEPTOS_SITE_ROOT", self.site.to_str().unwrap().to_owned()),
            ("LEPTOS_HASH_FILES", "false".to_owned()),
            ("RUST_LOG", "warn,lapin=off".to_owned()),
        ])
    }

    fn notifier(&self, mailbox: SocketAddr) -> Vec<(String, String)> {
        with_defect(vec![
            ("OCTAVO_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/../../Leptos.toml").to_owned()),
            ("OCTAVO_NOTIFIER__DATABASE_URL", self.mails.to_owned()),
            ("OCTAVO_NOTIFIER__BROKER_URL", outbox::testing::broker_url()),
            ("OCTAVO_NOTIFIER__BROKER_PREFIX", self.prefix.to_owned()),
            ("OCTAVO_NOTIFIER__ADDRESS", "127.0.0.1:0".to_owned()),
            ("OCTAVO_NOTIFIER__SMTP_URL", format!("smtp://{mailbox}")),
            ("OCTAVO_NOTIFIER__SMTP_TIMEOUT", "5".to_owned()),
            ("RUST_LOG", "warn,lapin=off".to_owned()),
        ])
    }

    fn bank(&self, address: SocketAddr) -> Vec<(String, String)> {
        let ledger = self.plan.folder.join("ledger");
        [
            ("OCTAVO_BANK__ADDRESS", address.to_string()),
            ("OCTAVO_BANK__PUBLIC_URL", self.bank_url.to_owned()),
            ("OCTAVO_BANK__SECRET_KEY", BANK_KEY.to_owned()),
            ("OCTAVO_BANK__WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
            ("OCTAVO_BANK__WEBHOOK_URL", format!("{}/webhooks/stripe", self.url)),
            ("OCTAVO_BANK__LEDGER", ledger.to_str().unwrap().to_owned()),
            ("OCTAVO_BANK__SLOW_SECONDS", "2".to_owned()),
            ("RUST_LOG", "warn".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

/// The programs are to have the defect that this one is told of.
fn with_defect(environment: Vec<(&str, String)>) -> Vec<(String, String)> {
    #[expect(clippy::disallowed_methods, reason = "tests are configured by the script that runs them")]
    let defect = std::env::var("OCTAVO_DEFECT").map(|defect| ("OCTAVO_DEFECT", defect));
    environment.into_iter().chain(defect).map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn import(programs: &Path, common: &Common<'_>) {
    let file = common.plan.folder.join("catalogue.toml");
    std::fs::write(&file, common.plan.catalogue()).unwrap();
    let mut command = Command::new(programs.join("octavo-server"));
    command.env_clear().envs(common.server(free_address(), 0)).args(["catalogue", "import"]).arg(file);
    let imported = command.output().await.unwrap();
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stdout));
}

/// An address that nobody listens at now.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// As much of the site as the server looks at.
fn site() -> TempDir {
    let site = tempfile::tempdir().unwrap();
    std::fs::create_dir(site.path().join("pkg")).unwrap();
    std::fs::write(site.path().join("pkg/octavo.js"), "export {};").unwrap();
    std::fs::write(site.path().join("favicon.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
    site
}
