//! What goes wrong: processes are killed and stopped, connections cut, the bank and the mail server misbehave.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, MySqlConnection};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use crate::mailbox::Manner;
use crate::plan::Plan;
use crate::shop::Shop;

/// From which length a run has time for a pause beyond a lease (45 s).
const LONG_RUN: Duration = Duration::from_secs(240);
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
const EFFECTS: [&str; 5] = ["refuse", "drop", "act_then_drop", "act_then_500", "delay"];

/// A deed, and how often it is chosen among the others.
#[derive(Clone, Copy)]
enum Deed {
    KillServer,
    KillNotifier,
    KillBank,
    KillDatabase,
    Pause,
    PauseLong,
    EndLeases,
    CutConnections,
    Deadlock,
    Bank,
    Mail,
    Restock,
}

const DEEDS: [(Deed, u32); 12] = [
    (Deed::KillServer, 5),
    (Deed::KillNotifier, 4),
    (Deed::KillBank, 1),
    (Deed::KillDatabase, 1),
    (Deed::Pause, 3),
    (Deed::PauseLong, 1),
    (Deed::EndLeases, 6),
    (Deed::CutConnections, 6),
    (Deed::Deadlock, 4),
    (Deed::Bank, 8),
    (Deed::Mail, 4),
    (Deed::Restock, 10),
];

pub struct Nemesis {
    shop: Arc<Shop>,
    rng: StdRng,
    begun: Instant,
    duration: Duration,
    /// The file with the process id of the database server, where that may be killed.
    database_pid: Option<PathBuf>,
    database_killed: bool,
}

impl Nemesis {
    pub fn new(plan: &Plan, shop: Arc<Shop>) -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests are configured by the script that runs them")]
        let database_pid = std::env::var("TORTURE_DATABASE_PID").ok().map(PathBuf::from);
        Self {
            shop,
            rng: plan.rng(2),
            begun: Instant::now(),
            duration: plan.duration,
            database_pid,
            database_killed: false,
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
            // A deed that the database is too busy to suffer was none.
            let _vain = self.act(deed.unwrap().0).await;
        }
    }

    async fn act(&mut self, deed: Deed) -> Result<(), sqlx::Error> {
        match deed {
            Deed::KillServer => self.kill("server").await,
            Deed::KillNotifier => self.kill("notifier").await,
            Deed::KillBank => self.kill("bank").await,
            Deed::KillDatabase => self.kill_database().await,
            Deed::Pause => {
                let pause = Duration::from_millis(self.rng.random_range(500..6000));
                self.pause(pause).await;
            }
            Deed::PauseLong if self.duration >= LONG_RUN => self.pause(BEYOND_A_LEASE).await,
            Deed::PauseLong => {}
            Deed::EndLeases => self.end_leases().await?,
            Deed::CutConnections => self.cut_connections().await?,
            Deed::Deadlock => self.deadlock().await?,
            Deed::Bank => self.trouble_the_bank().await,
            Deed::Mail => {
                let manners = [Manner::NotNow, Manner::HangUp, Manner::HangUp, Manner::Lose];
                for _ in 0..self.rng.random_range(1..=3) {
                    self.shop.mailbox.expect(manners[self.rng.random_range(0..manners.len())]);
                }
            }
            Deed::Restock => self.restock().await?,
        }
        Ok(())
    }

    async fn kill(&mut self, kind: &str) {
        let mut crew = self.shop.crew.lock().await;
        let all = crew.find(kind);
        crew.kill(all[self.rng.random_range(0..all.len())]).await;
    }

    /// Once in a run; whoever started it starts it again.
    async fn kill_database(&mut self) {
        let Some(file) = &self.database_pid else { return };
        if self.database_killed || self.begun.elapsed() < self.duration / 3 {
            return;
        }
        self.database_killed = true;
        let pid = std::fs::read_to_string(file).unwrap();
        let _gone = Command::new("kill").args(["-KILL", pid.trim()]).status().await;
        self.shop.crew.lock().await.kills.add("database");
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
            shop.crew.lock().await.signal(at, "STOP").await;
            sleep(pause).await;
            shop.crew.lock().await.signal(at, "CONT").await;
        });
    }

    /// As if some had taken longer than their lease: attempts are taken over while they are at work on them.
    async fn end_leases(&mut self) -> Result<(), sqlx::Error> {
        let chance = self.rng.random_range(0.1..1.0);
        sqlx::query("update payment_attempt set settle_at = utc_timestamp(6) where state in ('creating', 'open', 'authorised') and rand() < ?")
            .bind(chance)
            .execute(self.shop.database().pool())
            .await?;
        Ok(())
    }

    /// Cuts sessions of the shop, in whatever they are doing.
    async fn cut_connections(&mut self) -> Result<(), sqlx::Error> {
        let sql = "select cast(id as signed) from information_schema.processlist where db = database() and id <> connection_id()";
        let sessions: Vec<i64> = sqlx::query_scalar(sql).fetch_all(self.shop.database().pool()).await?;
        for id in sessions {
            if self.rng.random_ratio(1, 6) {
                // It may be gone already.
                let kill = sqlx::raw_sql(AssertSqlSafe(format!("kill connection {id}")));
                let _gone = kill.execute(self.shop.database().pool()).await;
            }
        }
        Ok(())
    }

    /// Meets the shop's transactions in the wrong order, with so much of its own that the server undoes theirs (1213).
    async fn deadlock(&mut self) -> Result<(), sqlx::Error> {
        let wait = Duration::from_millis(self.rng.random_range(20..150));
        let mut connection = self.shop.database().pool().acquire().await?;
        let done = meet(&mut connection, wait).await;
        sqlx::raw_sql("rollback").execute(&mut *connection).await?;
        done
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
        let copies = self.rng.random_range(3..=15);
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

/// Stock first, then baskets and orders.
async fn meet(connection: &mut MySqlConnection, wait: Duration) -> Result<(), sqlx::Error> {
    for statement in [
        "create table if not exists ballast (id int auto_increment primary key, n int not null)",
        "begin",
        "insert into ballast (n) with recursive list (n) as (select 1 union all select n + 1 from list where n < 400) select n from list",
        "select count(*) from stock for update",
    ] {
        sqlx::raw_sql(statement).execute(&mut *connection).await?;
    }
    sleep(wait).await;
    for statement in [
        "select count(*) from (select id from basket order by id limit 100000 for update) as locked",
        "select count(*) from orders where state = 'awaiting_payment' for update",
    ] {
        sqlx::raw_sql(statement).execute(&mut *connection).await?;
    }
    Ok(())
}
