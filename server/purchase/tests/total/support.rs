//! A database with codes and cards, orders to use them with, and the sums that hold whatever a test does.

use std::future::Future;
use std::sync::Arc;

use database::testing::TestDatabase;
use database::{Database, Settings};
use futures::future::join_all;
use purchase::Error;
use sqlx::{AssertSqlSafe, MySql, QueryBuilder};
use tokio::sync::Semaphore;
use uuid::Uuid;

pub struct Books {
    pub test: TestDatabase,
}

impl Books {
    pub async fn open() -> Self {
        Self { test: TestDatabase::create(&sqlx::migrate!("../../migrations/shop")).await }
    }

    pub fn database(&self) -> &Database {
        &self.test.database
    }

    /// Orders that await payment.
    pub async fn orders(&self, count: usize) -> Vec<Uuid> {
        let orders: Vec<(usize, Uuid)> = (0..count).map(|number| (number, Uuid::now_v7())).collect();
        let mut query = QueryBuilder::<MySql>::new(
            "insert into orders (id, number, link, shopper_id, basket_id, basket_version, token, state, total, \
             goods, currency, email, name, street, postcode, city, country) ",
        );
        query.push_values(&orders, |mut row, (number, id)| {
            row.push_bind(id).push_bind(format!("{number:09}")).push_bind(id).push_bind(id).push_bind(id);
            row.push_bind(1).push_bind([id.as_bytes().as_slice(), id.as_bytes()].concat());
            row.push(
                "'awaiting_payment', 1000, 1000, 'EUR', 'ada@example.org', 'Ada', 'Street 1', '1010', 'Wien', 'AT'",
            );
        });
        query.build().execute(self.database().pool()).await.unwrap();
        orders.into_iter().map(|(_, id)| id).collect()
    }

    /// Two figures that a query tells.
    pub async fn figures(&self, query: &str) -> (i64, i64) {
        sqlx::query_as(AssertSqlSafe(query.to_owned())).fetch_one(self.database().pool()).await.unwrap()
    }

    /// A code's used and held ones.
    pub async fn uses(&self) -> (i64, i64) {
        self.figures("select cast(used as signed), cast(held as signed) from discount_code").await
    }

    /// A card's spent and held cents.
    pub async fn card(&self) -> (i64, i64) {
        self.figures("select spent, held from gift_card").await
    }

    /// Does the same for every order on two servers with pools of their own, all at once; as many transactions run at
    /// a time as there are connections, so that none waits for one in vain.
    pub async fn in_parallel<T, Work>(&self, orders: &[Uuid], once: impl Fn(Database, usize, Uuid) -> Work) -> Vec<T>
    where
        T: Send + 'static,
        Work: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let settings = Settings { url: self.test.url.clone(), max_connections: 12 };
        let other = Database::connect(&settings).await.unwrap();
        let free = Arc::new(Semaphore::new(24));
        let running = orders.iter().enumerate().map(|(number, order)| {
            let database = if number % 2 == 0 { self.database() } else { &other };
            let (work, free) = (once(database.clone(), number, *order), Arc::clone(&free));
            tokio::spawn(async move {
                let _turn = free.acquire().await.unwrap();
                work.await.unwrap()
            })
        });
        let done = join_all(running).await.into_iter().map(Result::unwrap).collect();
        other.close().await;
        done
    }

    /// Closes the books: figures, uses and ledger agree on every code and card.
    pub async fn close(self) {
        let wrong = self
            .figures(
                "select count(*), 0 from discount_code where
                    used <> (select count(*) from discount_use where code_id = discount_code.id and state = 'used')
                    or held <> (select count(*) from discount_use where code_id = discount_code.id and state = 'held')",
            )
            .await;
        assert_eq!(wrong, (0, 0), "a code's figures are not those of its uses");
        let wrong = self
            .figures(
                "select count(*), 0 from gift_card where
                    (issued, held, spent) <> (
                        select sum(if(movement = 'issued', amount, 0)),
                               sum(case movement when 'held' then amount when 'released' then -amount
                                                 when 'spent' then -amount else 0 end),
                               sum(case movement when 'spent' then amount when 'given_back' then -amount else 0 end)
                        from money_ledger where card_id = gift_card.id)
                    or (held, spent) <> (
                        select coalesce(sum(if(state = 'held', amount, 0)), 0),
                               coalesce(sum(if(state = 'spent', amount, 0)), 0)
                        from gift_card_use where card_id = gift_card.id)",
            )
            .await;
        assert_eq!(wrong, (0, 0), "a card's figures are not those of its ledger and its uses");
        self.test.drop().await;
    }
}
