//! What goes wrong: processes are killed and stopped, connections cut, the bank, the broker and the mail server
//! misbehave.

mod broker;
mod database;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::mailbox::Manner;
use crate::plan::{LONG_RUN, Plan};
use crate::shop::Shop;

/// A server's lease of an attempt is 45 s.
const BEYOND_A_LEASE: Duration = Duration::from_secs(50);

const ENDPOINTS: [&str; 10] = [
    "POST /v1/checkout/sessions",
    "GET /v1/checkout/sessions/{id}",
    "POST /v1/checkout/sessions/{id}/expire",
    "POST /v1/payment_intents",
    "GET /v1/payment_intents/{id}",
    "POST /v1/payment_intents/{id}/confirm",
    "POST /v1/payment_intents/{id}/capture",
    "POST /v1/payment_intents/{id}/cancel",
    "POST /v1/payment_intents/{id}/confirm",
    "*",
];
const EFFECTS: [&str; 6] = ["refuse", "drop", "act_then_drop", "act_then_500", "keep_500", "delay"];

/// A deed, and how often it is chosen among the others.
#[derive(Clone, Copy, Debug)]
enum Deed {
    KillServer,
    KillNotifier,
    KillBank,
    KillDatabase,
    Pause,
    PauseLong,
    EndLeases,
    CutConnections,
    CutCommits,
    Deadlock,
    KillBroker,
    StopBroker,
    BlockBroker,
    LoseQueue,
    Bank,
    Mail,
    Restock,
    Vouchers,
}

const DEEDS: [(Deed, u32); 18] = [
    (Deed::KillServer, 5),
    (Deed::KillNotifier, 4),
    (Deed::KillBank, 1),
    (Deed::KillDatabase, 1),
    (Deed::Pause, 3),
    (Deed::PauseLong, 1),
    (Deed::EndLeases, 6),
    (Deed::CutConnections, 6),
    (Deed::CutCommits, 8),
    (Deed::Deadlock, 4),
    (Deed::KillBroker, 1),
    (Deed::StopBroker, 1),
    (Deed::BlockBroker, 2),
    (Deed::LoseQueue, 2),
    (Deed::Bank, 8),
    (Deed::Mail, 4),
    (Deed::Restock, 10),
    (Deed::Vouchers, 6),
];

pub struct Nemesis {
    shop: Arc<Shop>,
    rng: StdRng,
    duration: Duration,
    /// The file with the process id of the database server, where that may be killed.
    database_pid: Option<PathBuf>,
    database_rests_until: Instant,
    broker_trouble: Option<JoinHandle<()>>,
}

impl Nemesis {
    pub fn new(plan: &Plan, shop: Arc<Shop>) -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests are configured by the script that runs them")]
        let database_pid = std::env::var("TORTURE_DATABASE_PID").ok().map(PathBuf::from);
        Self {
            shop,
            rng: plan.rng(2),
            duration: plan.duration,
            database_pid,
            database_rests_until: Instant::now() + plan.duration / 4,
            broker_trouble: None,
        }
    }

    /// Does deeds until the shop closes.
    pub async fn run(mut self) {
        while !self.shop.closing.is_cancelled() {
            sleep(Duration::from_millis(self.rng.random_range(100..900))).await;
            let mut ticket = self.rng.random_range(0..DEEDS.iter().map(|(_, weight)| weight).sum());
            let deed = DEEDS.iter().find(|(_, weight)| {
                let chosen = ticket < *weight;
                ticket = ticket.saturating_sub(*weight);
                chosen
            });
            let deed = deed.unwrap().0;
            // A deed that the database is too busy to suffer was none.
            if self.act(deed).await.unwrap_or(false) {
                self.shop.deeds.add(&format!("{deed:?}"));
            }
        }
        if let Some(trouble) = self.broker_trouble {
            trouble.abort();
        }
    }

    /// Whether it was done; what takes its time counts itself.
    async fn act(&mut self, deed: Deed) -> Result<bool, sqlx::Error> {
        match deed {
            Deed::KillServer => self.kill("server").await,
            Deed::KillNotifier => self.kill("notifier").await,
            Deed::KillBank => self.kill("bank").await,
            Deed::KillDatabase => return Ok(self.kill_database().await),
            Deed::Pause => {
                let pause = Duration::from_millis(self.rng.random_range(500..6000));
                self.pause(pause).await;
            }
            Deed::PauseLong if self.duration >= LONG_RUN => self.pause(BEYOND_A_LEASE).await,
            Deed::PauseLong => return Ok(false),
            Deed::EndLeases => self.end_leases().await?,
            Deed::CutConnections => self.cut_connections().await?,
            Deed::CutCommits => self.cut_commits(),
            Deed::Deadlock => self.deadlock().await?,
            Deed::KillBroker | Deed::StopBroker | Deed::BlockBroker | Deed::LoseQueue => {
                self.trouble_the_broker(deed);
                return Ok(false);
            }
            Deed::Bank => self.trouble_the_bank().await,
            Deed::Mail => {
                let manners = [Manner::NotNow, Manner::HangUp, Manner::HangUp, Manner::Lose];
                for _ in 0..self.rng.random_range(1..=3) {
                    self.shop.mailbox.expect(manners[self.rng.random_range(0..manners.len())]);
                }
            }
            Deed::Restock => self.restock().await?,
            Deed::Vouchers => {
                let issued = self.shop.vouchers.issue(self.shop.database(), &mut self.rng).await;
                return Ok(issued.is_ok());
            }
        }
        Ok(true)
    }

    async fn kill(&mut self, kind: &str) {
        let mut crew = self.shop.crew.lock().await;
        let all = crew.find(kind);
        crew.kill(all[self.rng.random_range(0..all.len())]).await;
    }

    /// Stops a server or notifier, and lets it go on later, as if nothing had been.
    async fn pause(&mut self, pause: Duration) {
        let all = {
            let crew = self.shop.crew.lock().await;
            [crew.find("server"), crew.find("notifier")].concat()
        };
        let at = all[self.rng.random_range(0..all.len())];
        let shop = Arc::clone(&self.shop);
        tokio::spawn(async move {
            shop.pauses.begin(pause);
            shop.crew.lock().await.signal(at, "STOP").await;
            sleep(pause).await;
            shop.crew.lock().await.signal(at, "CONT").await;
        });
    }

    async fn trouble_the_bank(&mut self) {
        let mut list: Vec<Value> = Vec::new();
        for _ in 0..self.rng.random_range(0..=4) {
            let endpoint = ENDPOINTS[self.rng.random_range(0..ENDPOINTS.len())];
            let effect = EFFECTS[self.rng.random_range(0..EFFECTS.len())];
            let (ms, times) = (self.rng.random_range(50..4000), self.rng.random_range(1..=6));
            list.push(json!({ "endpoint": endpoint, "effect": effect, "ms": ms, "times": times }));
        }
        let webhooks = ["normal", "twice", "never", "shuffled"][self.rng.random_range(0..4)];
        list.push(json!({ "webhooks": webhooks }));
        // It may be dead at the moment.
        let _heard = self.shop.faults(&Value::Array(list)).await;
    }

    /// More copies of a book, as staff take them in.
    async fn restock(&mut self) -> Result<(), sqlx::Error> {
        let edition = self.shop.editions[self.rng.random_range(0..self.shop.editions.len())];
        let copies = self.rng.random_range(3..=40);
        let mut tx = self.shop.database().pool().begin().await?;
        sqlx::query("update stock set received = received + ? where edition_id = ?")
            .bind(copies)
            .bind(edition)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "insert into stock_ledger (edition_id, movement, quantity, by_whom) values (?, 'received', ?, 'nemesis')",
        )
        .bind(edition)
        .bind(copies)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }
}
