//! The whole way: from a row in the shop's outbox to one mail in the sink, whatever breaks in between.

use std::time::Duration;

use database::Database;
use database::testing::TestDatabase;
use outbox::Relay;
use outbox::testing::{self, Line};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::world::{World, order_confirmed, within};

static SHOP: sqlx::migrate::Migrator = sqlx::migrate!("../migrations/shop");

async fn owe(shop: &Database) {
    let mut connection = shop.pool().acquire().await.unwrap();
    outbox::insert(&mut connection, &[(Uuid::now_v7(), order_confirmed())]).await.unwrap();
}

#[tokio::test]
async fn a_relay_killed_between_the_brokers_word_and_its_own_mark_makes_no_second_mail() {
    let shop = TestDatabase::create(&SHOP).await;
    let world = World::create().await;
    let running = world.start().await;
    owe(&shop.database).await;
    let mut relay = Relay::new(shop.database.clone(), testing::broker_url()).with_names(world.names.clone());
    within("the message is carried", async || {
        relay.step().await.unwrap();
        sqlx::query("update outbox set next_at = current_timestamp(6)").execute(shop.database.pool()).await.unwrap();
        outbox::pending(&shop.database).await.unwrap().count == 0
    })
    .await;
    sqlx::query("update outbox set published_at = null").execute(shop.database.pool()).await.unwrap();
    let mut heir = Relay::new(shop.database.clone(), testing::broker_url()).with_names(world.names.clone());
    assert_eq!(heir.step().await.unwrap(), 1);
    world.until("sent", 1).await;
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(world.mails().await, 1);
    assert_eq!(world.sink.kept().len(), 1);
    world.end(running).await;
    shop.drop().await;
}

#[tokio::test]
async fn every_mail_arrives_though_the_broker_goes_away_under_both() {
    const ORDERS: usize = 60;
    let shop = TestDatabase::create(&SHOP).await;
    let world = World::create().await;
    let running = world.start().await;
    let line = Line::to(&testing::broker_url()).await;
    let cancel = CancellationToken::new();
    let relay = Relay::new(shop.database.clone(), line.url.clone()).with_names(world.names.clone());
    let wake = relay.wake();
    let relay = tokio::spawn(relay.run(cancel.clone()));
    for order in 0..ORDERS {
        match order {
            10 => line.cut(),
            25 => world.to_broker.cut(),
            35 => line.mend(),
            45 => world.to_broker.mend(),
            _ => {}
        }
        owe(&shop.database).await;
        wake.notify_one();
        sleep(Duration::from_millis(30)).await;
    }
    within("every mail is sent", async || world.sink.kept().len() >= ORDERS).await;
    within("nothing is owed", async || outbox::pending(&shop.database).await.unwrap().count == 0).await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(world.mails().await, ORDERS as i64);
    assert_eq!(world.sink.kept().len(), ORDERS);
    cancel.cancel();
    relay.await.unwrap();
    world.end(running).await;
    shop.drop().await;
}
