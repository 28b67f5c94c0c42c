//! The outbox and its relay, against a real MySQL and a real RabbitMQ.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail by panicking")]

use std::time::Duration;

use database::testing::TestDatabase;
use lapin::options::{BasicAckOptions, BasicGetOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties};
use messages::{Message, Names, PaymentReturned, ReturnReason};
use outbox::{Relay, pending, testing};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/shop");

struct World {
    shop: TestDatabase,
    names: Names,
    channel: Channel,
    _connection: Connection,
}

impl World {
    /// A shop's database and a broker where a reader has already declared its queues.
    async fn create() -> Self {
        let world = Self::without_reader().await;
        let relay_declares = world.relay().step().await.unwrap();
        assert_eq!(relay_declares, 0);
        world.declare_queue().await;
        world
    }

    async fn without_reader() -> Self {
        let connection = Connection::connect(&testing::broker_url(), ConnectionProperties::default()).await.unwrap();
        Self {
            shop: TestDatabase::create(&MIGRATIONS).await,
            names: Names::prefixed(&testing::prefix()),
            channel: connection.create_channel().await.unwrap(),
            _connection: connection,
        }
    }

    async fn declare_queue(&self) {
        let mut quorum = FieldTable::default();
        quorum.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        let queue = self.names.queue.as_str();
        self.channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), quorum).await.unwrap();
        self.channel
            .queue_bind(
                queue.into(),
                self.names.exchange.as_str().into(),
                "#".into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await
            .unwrap();
    }

    fn relay(&self) -> Relay {
        self.relay_through(testing::broker_url())
    }

    fn relay_through(&self, broker_url: String) -> Relay {
        Relay::new(self.shop.database.clone(), broker_url).with_names(self.names.clone())
    }

    async fn owe(&self) -> Uuid {
        let mut connection = self.shop.database.pool().acquire().await.unwrap();
        outbox::insert(&mut connection, &[(Uuid::now_v7(), message())]).await.unwrap().remove(0)
    }

    async fn owed(&self) -> u64 {
        pending(&self.shop.database).await.unwrap().count
    }

    async fn arrived(&self) -> Vec<Uuid> {
        let mut ids = Vec::new();
        let get = || self.channel.basic_get(self.names.queue.as_str().into(), BasicGetOptions::default());
        while let Some(got) = get().await.unwrap() {
            let properties = &got.delivery.properties;
            assert_eq!(*properties.delivery_mode(), Some(2));
            assert_eq!(properties.kind().as_ref().unwrap().as_str(), "payment.returned");
            assert_eq!(got.delivery.data, message().payload().as_bytes());
            ids.push(properties.message_id().as_ref().unwrap().as_str().parse().unwrap());
            got.delivery.ack(BasicAckOptions::default()).await.unwrap();
        }
        ids
    }

    async fn until_nothing_is_owed(&self) {
        let carried = async {
            while self.owed().await > 0 {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(20), carried).await.expect("the messages were not carried in time");
    }

    async fn execute(&self, sql: &'static str) -> u64 {
        sqlx::query(sql).execute(self.shop.database.pool()).await.unwrap().rows_affected()
    }

    async fn end(self) {
        testing::remove(&self.names).await;
        self.shop.drop().await;
    }
}

fn message() -> Message {
    Message::PaymentReturned(PaymentReturned {
        order_number: "K7PQ2M4XD".into(),
        email: "ada@example.org".into(),
        name: "Ada Lovelace".into(),
        amount: 4648,
        currency: "EUR".into(),
        reason: ReturnReason::Cancelled,
    })
}

#[tokio::test]
async fn a_message_reaches_the_queue_and_is_owed_no_longer() {
    let world = World::create().await;
    let id = world.owe().await;
    assert_eq!(world.relay().step().await.unwrap(), 1);
    assert_eq!(world.arrived().await, [id]);
    assert_eq!(world.owed().await, 0);
    assert_eq!(world.relay().step().await.unwrap(), 0);
    world.end().await;
}

#[tokio::test]
async fn a_subject_has_one_message_of_a_kind() {
    let world = World::create().await;
    let subject = Uuid::now_v7();
    let mut connection = world.shop.database.pool().acquire().await.unwrap();
    outbox::insert(&mut connection, &[(subject, message())]).await.unwrap();
    let second = outbox::insert(&mut connection, &[(subject, message())]).await.unwrap_err();
    assert!(database::is_duplicate(&second));
    drop(connection);
    world.end().await;
}

#[tokio::test]
async fn a_message_is_not_carried_before_its_transaction_commits() {
    let world = World::create().await;
    let mut transaction = world.shop.database.begin().await.unwrap();
    let id = outbox::insert(&mut transaction, &[(Uuid::now_v7(), message())]).await.unwrap().remove(0);
    assert_eq!(world.relay().step().await.unwrap(), 0);
    transaction.end::<_, database::Error>(Ok(())).await.unwrap();
    assert_eq!(world.relay().step().await.unwrap(), 1);
    assert_eq!(world.arrived().await, [id]);
    world.end().await;
}

#[tokio::test]
async fn a_message_without_a_queue_is_kept_until_there_is_one() {
    let world = World::without_reader().await;
    let id = world.owe().await;
    let mut relay = world.relay();
    assert_eq!(relay.step().await.unwrap(), 1);
    assert_eq!(world.owed().await, 1);
    assert_eq!(relay.step().await.unwrap(), 0, "it waits before the next try");
    world.declare_queue().await;
    assert_eq!(world.execute("update outbox set next_at = current_timestamp(6) where attempts = 1").await, 1);
    assert_eq!(relay.step().await.unwrap(), 1);
    assert_eq!(world.arrived().await, [id]);
    assert_eq!(world.owed().await, 0);
    world.end().await;
}

#[tokio::test]
async fn among_many_only_the_returned_ones_stay_owed() {
    let world = World::create().await;
    let mut owed = Vec::new();
    for _ in 0..20 {
        owed.push(world.owe().await);
    }
    // A kind that no queue is bound for.
    let queue = world.names.queue.as_str();
    let exchange = world.names.exchange.as_str();
    let none = FieldTable::default;
    world.channel.queue_unbind(queue.into(), exchange.into(), "#".into(), none()).await.unwrap();
    let options = QueueBindOptions::default();
    world.channel.queue_bind(queue.into(), exchange.into(), "payment.*".into(), options, none()).await.unwrap();
    let odd = world.execute("update outbox set type = 'order.mislaid' order by id limit 7").await;
    assert_eq!(odd, 7);
    assert_eq!(world.relay().step().await.unwrap(), 20);
    let mut arrived = world.arrived().await;
    arrived.sort();
    assert_eq!(arrived, owed[7..]);
    assert_eq!(world.owed().await, 7);
    world.end().await;
}

/// PURCHASE 26.
#[tokio::test]
async fn a_relay_killed_before_it_marked_leaves_the_message_to_another_under_the_same_id() {
    let world = World::create().await;
    let id = world.owe().await;
    world.relay().step().await.unwrap();
    // As the row looks when the relay dies between the broker's confirm and the mark.
    let unmark =
        "update outbox set published_at = null, leased_by = id, next_at = current_timestamp(6) + interval 60 second";
    world.execute(unmark).await;
    assert_eq!(world.relay().step().await.unwrap(), 0, "the dead relay's lease still runs");
    world.execute("update outbox set next_at = current_timestamp(6)").await;
    assert_eq!(world.relay().step().await.unwrap(), 1);
    assert_eq!(world.arrived().await, [id, id]);
    assert_eq!(world.owed().await, 0);
    world.end().await;
}

#[tokio::test]
async fn two_relays_at_once_carry_each_message_once() {
    let world = World::create().await;
    for _ in 0..150 {
        world.owe().await;
    }
    let (mut one, mut other) = (world.relay(), world.relay());
    let both = tokio::join!(one.step(), other.step());
    let rest = one.step().await.unwrap() + other.step().await.unwrap();
    assert_eq!(both.0.unwrap() + both.1.unwrap() + rest, 150);
    let mut arrived = world.arrived().await;
    arrived.sort();
    arrived.dedup();
    assert_eq!(arrived.len(), 150);
    assert_eq!(world.owed().await, 0);
    world.end().await;
}

#[tokio::test]
async fn while_the_broker_is_away_messages_wait_and_leave_when_it_is_back() {
    let world = World::create().await;
    let line = testing::Line::to(&testing::broker_url()).await;
    let cancel = CancellationToken::new();
    let relay = world.relay_through(line.url.clone());
    let wake = relay.wake();
    let running = tokio::spawn(relay.run(cancel.clone()));
    let before = world.owe().await;
    wake.notify_one();
    world.until_nothing_is_owed().await;

    line.cut();
    let during = world.owe().await;
    wake.notify_one();
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(world.owed().await, 1);

    line.mend();
    world.until_nothing_is_owed().await;
    let mut arrived = world.arrived().await;
    arrived.dedup();
    assert_eq!(arrived, [before, during]);
    cancel.cancel();
    running.await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn a_payload_is_emptied_a_week_after_it_was_published() {
    let world = World::create().await;
    for _ in 0..3 {
        world.owe().await;
    }
    world.relay().step().await.unwrap();
    world.owe().await;
    world.execute("update outbox set published_at = published_at - interval 8 day where published_at is not null order by id limit 2").await;
    let cancel = CancellationToken::new();
    let running = tokio::spawn(world.relay().run(cancel.clone()));
    world.until_nothing_is_owed().await;
    cancel.cancel();
    running.await.unwrap();
    let kept: i64 = sqlx::query_scalar("select count(*) from outbox where payload <> ''")
        .fetch_one(world.shop.database.pool())
        .await
        .unwrap();
    assert_eq!(kept, 2);
    world.end().await;
}
