//! What comes from the broker is written down once, or ends among the dead letters.

use std::time::Duration;

use messages::OrderConfirmed;
use tokio::time::sleep;
use uuid::Uuid;

use crate::world::{World, order_confirmed, within};

#[tokio::test]
async fn a_message_that_is_delivered_twice_makes_one_mail() {
    let world = World::create().await;
    let running = world.start().await;
    let id = Uuid::now_v7();
    for _ in 0..2 {
        world.publish_message(id, &order_confirmed()).await;
    }
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    within("both mails are sent", async || world.sink.kept().len() == 2).await;
    assert_eq!(world.mails().await, 2);
    world.end(running).await;
}

#[tokio::test]
async fn a_message_that_cannot_be_used_ends_among_the_dead_letters_and_stops_nothing() {
    let world = World::create().await;
    let running = world.start().await;
    let id = Uuid::now_v7().to_string();
    let good = order_confirmed().payload();
    let no_address = good.replace("ada@example.org", "nobody");
    for (id, kind, version, payload) in [
        (id.as_str(), OrderConfirmed::KIND, 1, "{}"),
        (id.as_str(), OrderConfirmed::KIND, 999, good.as_str()),
        (id.as_str(), OrderConfirmed::KIND, -1, good.as_str()),
        (id.as_str(), "order.mislaid", 1, good.as_str()),
        ("no id", OrderConfirmed::KIND, 1, good.as_str()),
        (id.as_str(), OrderConfirmed::KIND, 1, no_address.as_str()),
    ] {
        world.publish(id, kind, version, payload.as_bytes()).await;
        assert_eq!(world.dead_letter().await, payload.as_bytes());
    }
    world.publish(&id, OrderConfirmed::KIND, 1, good.as_bytes()).await;
    world.until("sent", 1).await;
    world.end(running).await;
}

#[tokio::test]
async fn while_the_database_is_away_messages_wait_unacknowledged() {
    let world = World::create().await;
    let running = world.start().await;
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    world.until("sent", 1).await;

    world.to_database.cut();
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(world.mails().await, 1);
    world.to_database.mend();
    within("the second mail is sent", async || world.sink.kept().len() == 2).await;
    world.end(running).await;
}

#[tokio::test]
async fn a_killed_notifier_leaves_what_it_had_not_acknowledged_to_the_next() {
    let world = World::create().await;
    let running = world.start().await;
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    world.until("sent", 1).await;
    world.to_database.cut();
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    sleep(Duration::from_millis(300)).await;
    running.kill().await;
    world.to_database.mend();
    let running = world.start().await;
    within("the second mail is sent", async || world.sink.kept().len() == 2).await;
    assert_eq!(world.mails().await, 2);
    world.end(running).await;
}
