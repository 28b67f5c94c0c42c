//! The catalogue on a real database: how books come in, how pages read them, how shoppers find them.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod finding;
mod freshness;
mod import;
mod reading;
mod records;

use std::path::Path;

use database::Database;
use database::testing::TestDatabase;
use search::{Catalogue, Importer, Index, SHOP_FILE, ShopFile, TakenIn};
use sqlx::migrate::Migrator;

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/shop");
const DEMO: &str = include_str!("../../catalogue.toml");

/// Takes a catalogue file of the shop's own in.
async fn import(database: &Database, toml: &str) -> TakenIn {
    let importer = Importer::new(database.clone(), SHOP_FILE);
    let mut taken = TakenIn::default();
    for batch in ShopFile::read(toml).unwrap().records().chunks(50) {
        taken.append(importer.take_in(batch).await.unwrap());
    }
    taken
}

/// A database with the demonstration catalogue in it.
struct Shop {
    test: TestDatabase,
    imported: TakenIn,
}

impl Shop {
    async fn open() -> Self {
        let test = TestDatabase::create(&MIGRATOR).await;
        let imported = import(&test.database, DEMO).await;
        Self { test, imported }
    }

    fn catalogue(&self) -> Catalogue {
        Catalogue::new(self.test.database.clone())
    }

    /// An index that has read all there is.
    async fn index(&self, dir: Option<&Path>) -> Index {
        let index = Index::open(self.test.database.clone(), dir.map(Path::to_owned)).await.unwrap();
        index.catch_up().await.unwrap();
        assert!(index.is_complete());
        index
    }

    async fn changes(&self) -> i64 {
        sqlx::query_scalar("select count(*) from book_change").fetch_one(self.test.database.pool()).await.unwrap()
    }

    async fn close(self) {
        self.test.drop().await;
    }
}
