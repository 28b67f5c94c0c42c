//! A database of its own for each test, on the server that `TEST_DATABASE_URL` names, and a line to it that fails at
//! chosen moments.

mod line;

use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::migrate::Migrator;
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::{Database, Settings, schema};

pub use line::{Line, Trouble};

/// A database that exists for one test. Call [`drop`](Self::drop) at the end; one that a failed test leaves
/// behind stays to be looked at.
#[derive(Debug)]
pub struct TestDatabase {
    /// Connections to it.
    pub database: Database,
    /// Its address, for a process that the test starts.
    pub url: String,
    server: String,
    name: String,
}

impl TestDatabase {
    /// Makes a new, migrated database.
    ///
    /// # Panics
    /// When `TEST_DATABASE_URL` is not set or that server does not let us create a database.
    pub async fn create(migrator: &Migrator) -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests are configured by the script that runs them")]
        let server = std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| {
            panic!("TEST_DATABASE_URL is not set: run the tests with script/test, or name a MySQL server to test on")
        });
        let (server, parameters) = match server.split_once('?') {
            Some((server, parameters)) => (server, format!("?{parameters}")),
            None => (server.as_str(), String::new()),
        };
        let server = server.trim_end_matches('/');
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let name = format!("test_{nanos:x}_{:x}", rand::random::<u32>());
        let url = format!("{server}/{name}{parameters}");
        let server = format!("{server}/{parameters}");
        let created = async {
            let mut connection = MySqlConnection::connect(&server).await?;
            let create = format!("create database {name} character set utf8mb4 collate utf8mb4_unicode_ci");
            connection.execute(AssertSqlSafe(create)).await?;
            connection.close().await?;
            schema::migrate(&url, migrator).await
        };
        if let Err(error) = created.await {
            panic!("no test database on TEST_DATABASE_URL: {error}");
        }
        let settings = Settings { url: url.clone(), max_connections: 12 };
        match Database::connect(&settings).await {
            Ok(database) => Self { database, url, server, name },
            Err(error) => panic!("the new test database does not answer: {error}"),
        }
    }

    /// Removes the database again.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn drop(self) {
        self.database.close().await;
        let dropped = async {
            let mut connection = MySqlConnection::connect(&self.server).await?;
            let drop = format!("drop database {}", self.name);
            connection.execute(AssertSqlSafe(drop)).await?;
            connection.close().await
        };
        if let Err(error) = dropped.await {
            panic!("the test database {} could not be dropped: {error}", self.name);
        }
    }
}
