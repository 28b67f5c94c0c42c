//! The connection pool and the hooks that make its connections safe to share.

use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlPool, MySqlPoolOptions};
use sqlx::{Connection, Executor};

use crate::{Error, Transaction};

/// How long a connection may have rested and still count as alive.
const RESTED: Duration = Duration::from_secs(1);

/// How to reach a database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `mysql://user:password@host:port/database`
    pub url: String,
    /// How many connections this process may hold at once.
    pub max_connections: u32,
}

/// A pool of connections to one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pool: MySqlPool,
}

impl Database {
    /// Opens the pool and makes sure of one connection.
    ///
    /// # Errors
    /// When the address cannot be read or the database does not answer.
    pub async fn connect(settings: &Settings) -> Result<Self, Error> {
        let options: MySqlConnectOptions = settings.url.parse()?;
        let pool = MySqlPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(Duration::from_secs(5))
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // A snapshot taken before waiting for a lock would show old stock. The variable's name differs
                    // between MySQL and MariaDB; this statement does not.
                    connection.execute("set session transaction isolation level read committed").await?;
                    connection.execute("set session innodb_lock_wait_timeout = 5").await?;
                    Ok(())
                })
            })
            // A round trip for every borrower is a third of what a short statement costs: only who has rested is asked.
            .test_before_acquire(false)
            .before_acquire(|connection, rest| {
                Box::pin(async move {
                    if rest.idle_for > RESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }

    /// The pool, for single statements and plain reads.
    #[must_use]
    pub fn pool(&self) -> &MySqlPool {
        &self.pool
    }

    /// Begins a transaction; [`Transaction::end`] must end it.
    ///
    /// # Errors
    /// When no connection is free in time or the database does not answer.
    pub async fn begin(&self) -> Result<Transaction, Error> {
        // A `begin()` of sqlx's that is cancelled leaves a transaction open that its pool does not know of, and the next
        // borrower's writes vanish with it. In a task of its own it ends whoever has lost patience.
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move { pool.begin().await }).await;
        Ok(Transaction::new(begun.unwrap_or(Err(sqlx::Error::WorkerCrashed))?))
    }

    /// Asks the database whether it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        self.pool.execute("select 1").await?;
        Ok(())
    }

    /// Waits for the connections in use to come back, then closes them all.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures::poll;

    use super::*;
    use crate::testing::TestDatabase;

    /// A shopper who hangs up while a transaction begins must not take the next one's writes along.
    #[tokio::test]
    async fn a_cancelled_begin_leaves_nothing_open() {
        let test = TestDatabase::create(&sqlx::migrate!("../../migrations/notifier")).await;
        let settings = Settings { url: test.url.clone(), max_connections: 1 };
        let database = Database::connect(&settings).await.unwrap();
        database.pool().execute("create table written (id int primary key auto_increment, turn int)").await.unwrap();
        let other = Database::connect(&settings).await.unwrap();
        for turn in 1..50_i64 {
            let mut begun = Box::pin(database.begin());
            for _ in 0..turn % 4 {
                if let Poll::Ready(tx) = poll!(begun.as_mut()) {
                    tx.unwrap().roll_back().await;
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            drop(begun);
            sqlx::query("insert into written (turn) values (?)").bind(turn).execute(database.pool()).await.unwrap();
            let seen: i64 = sqlx::query_scalar("select count(*) from written").fetch_one(other.pool()).await.unwrap();
            assert_eq!(seen, turn, "somebody else's transaction holds the write back");
        }
        other.close().await;
        database.close().await;
        test.drop().await;
    }
}
