//! What purchases cost: processor time by process, statements and commits at the database.

use std::fs;
use std::time::Duration;

use sqlx::{Connection, MySqlConnection};

/// The kernel counts processor time in hundredths of a second.
const TICK_MS: f64 = 10.0;

/// The processes that are watched, and the database's own counters.
pub struct Meter {
    processes: Vec<(String, String)>,
    database: MySqlConnection,
}

/// Counters at one moment.
pub struct Reading {
    /// By process, in milliseconds; the last one is whatever else ran on the machine.
    processor: Vec<f64>,
    statements: u64,
    commits: u64,
}

/// What lies between two readings, for each purchase.
pub struct Cost {
    pub processor: Vec<(String, f64)>,
    pub statements: f64,
    pub commits: f64,
}

impl Meter {
    /// `processes`: `name=pid` for each, separated by blanks.
    pub async fn open(processes: &str, database_url: &str) -> Self {
        let mut processes: Vec<(String, String)> = processes
            .split_whitespace()
            .filter_map(|process| process.split_once('='))
            .map(|(name, pid)| (name.to_owned(), pid.to_owned()))
            .collect();
        processes.push(("buyers".to_owned(), "self".to_owned()));
        let mut database = MySqlConnection::connect(database_url).await.unwrap();
        sqlx::query("set global innodb_monitor_enable = 'trx_rw_commits'").execute(&mut database).await.unwrap();
        Self { processes, database }
    }

    pub async fn read(&mut self) -> Reading {
        let mut processor: Vec<f64> = self.processes.iter().map(|(_, pid)| processor_ms(pid)).collect();
        processor.push(busy_ms() - processor.iter().sum::<f64>());
        // `questions` leaves out what only prepares a statement.
        let counters = "select (select cast(variable_value as unsigned) from performance_schema.global_status \
                        where variable_name = 'Questions'), \
                        (select cast(count as unsigned) from information_schema.innodb_metrics \
                        where name = 'trx_rw_commits')";
        let (statements, commits) = sqlx::query_as(counters).fetch_one(&mut self.database).await.unwrap();
        Reading { processor, statements, commits }
    }

    /// Waits until the money of all purchases is captured.
    pub async fn captured(&mut self) {
        let open = "select count(*) from octavo_shop.payment_attempt where state in ('creating', 'open', 'authorised')";
        self.await_none(open).await;
    }

    /// Waits until every mail that is owed is sent.
    pub async fn mailed(&mut self) {
        self.await_none("select count(*) from octavo_shop.outbox where published_at is null").await;
        self.await_none("select count(*) from octavo_notifier.mail where state <> 'sent'").await;
        let lost = "select (select count(*) from octavo_shop.outbox) - (select count(*) from octavo_notifier.mail)";
        self.await_none(lost).await;
        self.await_none("select count(*) from octavo_notifier.mail where state <> 'sent'").await;
    }

    async fn await_none(&mut self, count: &'static str) {
        while sqlx::query_scalar::<_, i64>(count).fetch_one(&mut self.database).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn cost(&self, before: &Reading, after: &Reading, purchases: usize) -> Cost {
        let each = |amount: f64| amount / purchases as f64;
        let names = self.processes.iter().map(|(name, _)| name.clone()).chain(["others".to_owned()]);
        let spent = before.processor.iter().zip(&after.processor).map(|(before, after)| each(after - before));
        Cost {
            processor: names.zip(spent).collect(),
            statements: each((after.statements - before.statements) as f64),
            commits: each((after.commits - before.commits) as f64),
        }
    }
}

/// User and system time of a process so far.
fn processor_ms(pid: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Its name, in parentheses, may hold anything.
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    fields.skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap() * TICK_MS).sum()
}

/// What all processors have worked so far: neither idle nor waiting for a disk.
fn busy_ms() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap();
    let ticks: Vec<f64> =
        stat.lines().next().unwrap().split_whitespace().skip(1).take(8).map(|ticks| ticks.parse().unwrap()).collect();
    let idle = ticks[3] + ticks[4];
    (ticks.iter().sum::<f64>() - idle) * TICK_MS
}
