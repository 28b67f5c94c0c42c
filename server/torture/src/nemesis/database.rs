//! What goes wrong with the databases and on the way to them.

use std::time::Duration;

use database::testing::Trouble;
use rand::RngExt;
use sqlx::{AssertSqlSafe, MySqlConnection};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::Nemesis;

/// How long a database is left in peace after it was killed: it has to recover, and people have to buy.
const KILLED_AGAIN_AFTER: Duration = Duration::from_secs(90);

impl Nemesis {
    /// Whoever started it starts it again. False while it has not had its peace, or where it is not ours to kill.
    pub(super) async fn kill_database(&mut self) -> bool {
        let Some(file) = &self.database_pid else { return false };
        if self.database_rests_until > Instant::now() {
            return false;
        }
        self.database_rests_until = Instant::now() + KILLED_AGAIN_AFTER;
        let pid = std::fs::read_to_string(file).unwrap();
        let _gone = Command::new("kill").args(["-KILL", pid.trim()]).status().await;
        self.shop.crew.lock().await.kills.add("database");
        true
    }

    /// As if some had taken longer than their lease: attempts are taken over while they are at work on them.
    pub(super) async fn end_leases(&mut self) -> Result<(), sqlx::Error> {
        let chance = self.rng.random_range(0.1..1.0);
        sqlx::query("update payment_attempt set settle_at = utc_timestamp(6) where state in ('creating', 'open', 'authorised') and rand() < ?")
            .bind(chance)
            .execute(self.shop.database().pool())
            .await?;
        Ok(())
    }

    /// Cuts sessions of the shop, in whatever they are doing.
    pub(super) async fn cut_connections(&mut self) -> Result<(), sqlx::Error> {
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

    /// Lets nobody learn what became of some of the next COMMITs.
    pub(super) fn cut_commits(&mut self) {
        let line = if self.rng.random_ratio(3, 4) { &self.shop.books_line } else { &self.shop.mails_line };
        for _ in 0..self.rng.random_range(1..=4) {
            let troubles = [Trouble::BeforeCommit, Trouble::InCommit, Trouble::AfterCommit];
            line.cut(troubles[self.rng.random_range(0..troubles.len())], "");
        }
    }

    /// Lets some statements of transactions fail by a deadlock (1213), and meets the shop's transactions in the wrong
    /// order, with so much of its own that the server undoes theirs.
    pub(super) async fn deadlock(&mut self) -> Result<(), sqlx::Error> {
        for _ in 0..self.rng.random_range(1..=4) {
            self.shop.books_line.deadlock_after(self.rng.random_range(0..200));
        }
        let wait = Duration::from_millis(self.rng.random_range(20..150));
        let mut connection = self.shop.database().pool().acquire().await?;
        let done = meet(&mut connection, wait).await;
        sqlx::raw_sql("rollback").execute(&mut *connection).await?;
        done
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
