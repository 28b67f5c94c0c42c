//! The catalogue on a real database: how books come in, how pages read them, how shoppers find them.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod finding;
mod freshness;
mod import;
mod reading;

use database::testing::TestDatabase;
use search::{Catalogue, Imported};
use sqlx::migrate::Migrator;

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/shop");
const DEMO: &str = include_str!("../../catalogue.toml");

/// A database with the demonstration catalogue in it.
struct Shop {
    test: TestDatabase,
    imported: Imported,
}

impl Shop {
    async fn open() -> Self {
        let test = TestDatabase::create(&MIGRATOR).await;
        let imported = search::import(&test.database, DEMO).await.unwrap();
        Self { test, imported }
    }

    fn catalogue(&self) -> Catalogue {
        Catalogue::new(self.test.database.clone())
    }

    async fn changes(&self) -> i64 {
        sqlx::query_scalar("select count(*) from book_change").fetch_one(self.test.database.pool()).await.unwrap()
    }

    async fn close(self) {
        self.test.drop().await;
    }
}
