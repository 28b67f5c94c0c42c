//! The notifier's line to RabbitMQ: declares what it reads from, and opens the tap.

use std::time::Duration;

use lapin::options::{
    BasicConsumeOptions, BasicQosOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties, Consumer, ExchangeKind};
use messages::{KINDS, Names};
use tokio::time::timeout;

const OPEN_WITHIN: Duration = Duration::from_secs(10);

/// Messages that may be in hand; lapin's own buffer has no bound.
pub const PREFETCH: u16 = 20;

/// Redeliveries (each a lost line or a killed process) before a message counts as poison. RabbitMQ 4's own 20
/// would be used up by one restless night.
const DELIVERY_LIMIT: i32 = 1000;

/// Why no message comes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker is away or refused something.
    #[error("the broker failed")]
    Broker(#[from] lapin::Error),
    /// The broker does not answer.
    #[error("the broker is silent")]
    Silent,
    /// The broker ended the subscription: the queue was deleted, or it shuts down.
    #[error("the broker ended the subscription")]
    Ended,
}

/// An open subscription. lapin's own recovery stays off: after an error this is dropped and made anew.
pub struct Subscription {
    connection: Connection,
    pub messages: Consumer,
}

impl Subscription {
    pub async fn open(url: &str, names: &Names) -> Result<Self, Error> {
        timeout(OPEN_WITHIN, async {
            let properties = ConnectionProperties::default().with_connection_name("octavo notifier".into());
            let connection = Connection::connect(url, properties).await?;
            let channel = connection.create_channel().await?;
            declare(&channel, names).await?;
            channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
            let messages = channel
                .basic_consume(
                    names.queue.as_str().into(),
                    "".into(),
                    BasicConsumeOptions::default(),
                    FieldTable::default(),
                )
                .await?;
            Ok(Self { connection, messages })
        })
        .await
        .map_err(|_| Error::Silent)?
    }

    /// Ends the subscription; what was not acknowledged goes back to its queue.
    pub async fn close(self) {
        // Nothing is lost when the broker does not answer this.
        let _ = timeout(OPEN_WITHIN, self.connection.close(200, "goodbye".into())).await;
    }
}

async fn declare(channel: &Channel, names: &Names) -> lapin::Result<()> {
    let durable = ExchangeDeclareOptions { durable: true, ..Default::default() };
    channel
        .exchange_declare(names.exchange.as_str().into(), ExchangeKind::Topic, durable, FieldTable::default())
        .await?;
    let mut dead_letters = FieldTable::default();
    dead_letters.insert("x-queue-type".into(), text("quorum"));
    channel.queue_declare(names.dead_letters.as_str().into(), QueueDeclareOptions::durable(), dead_letters).await?;
    let mut queue = FieldTable::default();
    queue.insert("x-queue-type".into(), text("quorum"));
    queue.insert("x-delivery-limit".into(), AMQPValue::LongInt(DELIVERY_LIMIT));
    // The default exchange leads to the queue of that name. At-least-once needs reject-publish.
    queue.insert("x-dead-letter-exchange".into(), text(""));
    queue.insert("x-dead-letter-routing-key".into(), text(&names.dead_letters));
    queue.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    queue.insert("x-overflow".into(), text("reject-publish"));
    channel.queue_declare(names.queue.as_str().into(), QueueDeclareOptions::durable(), queue).await?;
    // Bound kind by kind: what this build does not know stays in the shop's outbox.
    for kind in KINDS {
        channel
            .queue_bind(
                names.queue.as_str().into(),
                names.exchange.as_str().into(),
                kind.into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await?;
    }
    Ok(())
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
