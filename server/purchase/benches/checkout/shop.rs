//! The shop that is measured: its database, its shelves, its buyers' baskets.

use std::collections::HashMap;
use std::sync::Arc;

use database::Database;
use database::testing::TestDatabase;
use identity::Shopper;
use purchase::money::{Currency, Money};
use purchase::place::token::Token;
use purchase::stock::offer::NewOffer;
use purchase::total::ProductType;
use purchase::{Purchase, Settings, TillSettings};
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, MySql, QueryBuilder};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::bank::AgreeingBank;

/// How many books the spread buyers spread over.
pub const BOOKS: u64 = 10_000;
/// Connections of each arm.
const CONNECTIONS: u32 = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    Naive,
    Steps,
    Octavo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    Hot,
    Spread,
}

/// A buyer with a basket of one copy, who has seen the checkout page.
pub struct Buyer {
    pub shopper: Shopper,
    pub edition: u64,
    pub token: Token,
}

pub struct Shop {
    pub database: Database,
    steps: Purchase,
    octavo: Purchase,
    test: TestDatabase,
}

impl Shop {
    pub async fn open() -> Self {
        let test = TestDatabase::create(&sqlx::migrate!("../../migrations/shop")).await;
        let settings = database::Settings { url: test.url.clone(), max_connections: CONNECTIONS };
        let database = Database::connect(&settings).await.unwrap();
        let octavo = purchase(&database, TillSettings::default());
        let steps = purchase(&database, TillSettings { batch: 1, lanes: CONNECTIONS as usize });
        let price = Money::new(1000, Currency::Eur);
        let first =
            NewOffer { edition: 1, price, weight_g: Some(400), product: ProductType::Book, copies: 1_000_000_000 };
        octavo.put_offers(&[first]).await.unwrap();
        for some in (2..=BOOKS).collect::<Vec<u64>>().chunks(5000) {
            let mut offers = QueryBuilder::<MySql>::new("insert into offer (edition_id, price, currency) ");
            offers.push_values(some, |mut row, id| {
                row.push_bind(*id).push_bind(1000_i64).push_bind("EUR");
            });
            offers.build().execute(database.pool()).await.unwrap();
            let mut stock = QueryBuilder::<MySql>::new("insert into stock (edition_id, received) ");
            stock.push_values(some, |mut row, id| {
                row.push_bind(*id).push_bind(1_000_000_000_i32);
            });
            stock.build().execute(database.pool()).await.unwrap();
        }
        Self { database, steps, octavo, test }
    }

    pub fn purchase(&self, arm: Arm) -> &Purchase {
        if arm == Arm::Octavo { &self.octavo } else { &self.steps }
    }

    pub async fn describe(&self) -> String {
        let (version, flush, binlog, sync): (String, i64, i64, i64) = sqlx::query_as(
            "select version(), cast(@@innodb_flush_log_at_trx_commit as signed), cast(@@log_bin as signed), \
             cast(@@sync_binlog as signed)",
        )
        .fetch_one(self.database.pool())
        .await
        .unwrap();
        let cores = std::thread::available_parallelism().unwrap();
        format!(
            "database {version}, innodb_flush_log_at_trx_commit={flush}, log_bin={binlog}, sync_binlog={sync}; {cores} cores \
             for database, shop and buyers; the bank answers in {} ms",
            crate::BANK.as_millis()
        )
    }

    /// Buyers whose baskets are filled and seen; nothing of this is measured.
    pub async fn buyers(&self, shelf: Shelf, count: usize) -> Vec<Buyer> {
        let shoppers: Vec<Shopper> = (0..count).map(|_| identity::testing::guest()).collect();
        let edition = |turn: usize| match shelf {
            Shelf::Hot => 1,
            Shelf::Spread => (turn as u64).wrapping_mul(7919) % BOOKS + 1,
        };
        let baskets: Vec<(Uuid, Uuid, u64)> = shoppers
            .iter()
            .enumerate()
            .map(|(turn, shopper)| (Uuid::now_v7(), shopper.id().as_uuid(), edition(turn)))
            .collect();
        for some in baskets.chunks(5000) {
            let mut insert = QueryBuilder::<MySql>::new("insert into basket (id, shopper_id) ");
            insert.push_values(some, |mut row, (basket, shopper, _)| {
                row.push_bind(basket).push_bind(shopper);
            });
            insert.build().execute(self.database.pool()).await.unwrap();
            let mut insert = QueryBuilder::<MySql>::new("insert into basket_line (basket_id, edition_id, quantity) ");
            insert.push_values(some, |mut row, (basket, _, edition)| {
                row.push_bind(basket).push_bind(edition).push_bind(1_i32);
            });
            insert.build().execute(self.database.pool()).await.unwrap();
        }
        let mut seen = JoinSet::new();
        let mut buyers = Vec::with_capacity(count);
        for (shopper, (_, _, edition)) in shoppers.into_iter().zip(baskets) {
            let purchase = self.octavo.clone();
            seen.spawn(async move {
                let token = purchase.basket(&shopper).await.unwrap().unwrap().priced.unwrap().token;
                Buyer { shopper, edition, token }
            });
            if seen.len() >= 64 {
                buyers.push(seen.join_next().await.unwrap().unwrap());
            }
        }
        buyers.extend(seen.join_all().await);
        buyers
    }

    /// Transactions that have written and committed so far.
    pub async fn commits(&self) -> i64 {
        let _mysql_only =
            sqlx::query("set global innodb_monitor_enable = 'trx_rw_commits'").execute(self.database.pool()).await;
        let count = "select cast(count as signed) from information_schema.innodb_metrics where name = 'trx_rw_commits'";
        sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(self.database.pool()).await.unwrap()
    }

    /// Copies that were sold or held beyond what there was, or without an order.
    pub async fn oversold(&self) -> f64 {
        let count = "select cast(coalesce(sum(abs(cast(stock.sell_count + stock.held as signed) - coalesce(taken.quantity, 0))), 0) \
                     as signed) from stock left join (select edition_id, sum(quantity) as quantity from hold \
                     where state in ('held', 'sold') group by edition_id) as taken using (edition_id)";
        let count: i64 = sqlx::query_scalar(count).fetch_one(self.database.pool()).await.unwrap();
        count as f64
    }

    pub async fn close(self) {
        self.database.close().await;
        self.test.drop().await;
    }
}

fn purchase(database: &Database, till: TillSettings) -> Purchase {
    let settings = Settings {
        public_url: "http://shop.example".to_owned(),
        token_secret: SecretString::from("a secret of thirty-two characters!"),
        webhook_secret: SecretString::from("whsec_bench"),
        collect_at: None,
        hold: std::time::Duration::from_mins(40),
        till,
    };
    Purchase::new(database.clone(), Arc::new(AgreeingBank), settings, Arc::default())
}

/// Words for books, as the catalogue would find them.
pub fn titles(editions: Vec<u64>) -> HashMap<u64, String> {
    editions.into_iter().map(|edition| (edition, format!("Book {edition}"))).collect()
}
