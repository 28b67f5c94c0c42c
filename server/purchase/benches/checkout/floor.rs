//! The floor: how many single-row conditional updates, each its own commit, this database does on one row.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::shop::Shop;

pub async fn updates_per_second(shop: &Shop, time: Duration) -> f64 {
    let end = Instant::now() + time;
    let mut writers = JoinSet::new();
    for _ in 0..32 {
        let database = shop.database.clone();
        writers.spawn(async move {
            let mut connection = database.pool().acquire().await.unwrap();
            let mut updates = 0_u32;
            while Instant::now() < end {
                sqlx::query(
                    "update stock set allowance = allowance + 1 where edition_id = 1 and sell_count + held <= received",
                )
                .execute(&mut *connection)
                .await
                .unwrap();
                updates += 1;
            }
            updates
        });
    }
    f64::from(writers.join_all().await.into_iter().sum::<u32>()) / time.as_secs_f64()
}
