//! A line to RabbitMQ that says of each message whether the broker has taken it.

use std::collections::HashSet;
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};
use messages::Names;
use tokio::time::timeout;
use uuid::Uuid;

use crate::relay::Error;
use crate::store::Owed;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const CONFIRM_WITHIN: Duration = Duration::from_secs(20);
const PERSISTENT: u8 = 2;

/// One connection. lapin's own recovery stays off: after an error this is dropped and made anew.
pub struct Publisher {
    connection: Connection,
    channel: Channel,
    exchange: String,
}

impl Publisher {
    pub async fn connect(url: &str, names: &Names) -> Result<Self, Error> {
        let exchange = names.exchange.clone();
        timeout(CONNECT_WITHIN, async {
            let properties = ConnectionProperties::default().with_connection_name("octavo relay".into());
            let connection = Connection::connect(url, properties).await?;
            let channel = connection.create_channel().await?;
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            let durable = ExchangeDeclareOptions { durable: true, ..Default::default() };
            channel
                .exchange_declare(exchange.as_str().into(), ExchangeKind::Topic, durable, FieldTable::default())
                .await?;
            Ok(Self { connection, channel, exchange })
        })
        .await
        .map_err(|_| Error::Silent)?
    }

    pub fn is_connected(&self) -> bool {
        self.channel.status().connected()
    }

    /// Publishes `owed` and answers which of them the broker has taken. After an error nothing is known.
    pub async fn publish(&self, owed: &[Owed]) -> Result<HashSet<Uuid>, Error> {
        timeout(CONFIRM_WITHIN, self.publish_all(owed)).await.map_err(|_| Error::Silent)?
    }

    async fn publish_all(&self, owed: &[Owed]) -> Result<HashSet<Uuid>, Error> {
        let mandatory = BasicPublishOptions { mandatory: true, ..Default::default() };
        let mut confirms = Vec::with_capacity(owed.len());
        for message in owed {
            let confirm = self
                .channel
                .basic_publish(
                    self.exchange.as_str().into(),
                    message.kind.as_str().into(),
                    mandatory,
                    message.payload.as_bytes(),
                    properties(message),
                )
                .await?;
            confirms.push((message.id, confirm));
        }
        failpoint::at("outbox", "before_confirm");
        let mut taken = HashSet::new();
        let mut returned = HashSet::new();
        for (id, confirm) in confirms {
            let confirmation = confirm.await?;
            if confirmation.is_ack() {
                taken.insert(id);
            }
            // lapin hands a returned message to whichever confirm comes next, so it counts by its own id.
            if let Some(message) = confirmation.take_message() {
                returned.extend(message_id(&message.delivery.properties));
            }
        }
        Ok(&taken - &returned)
    }

    pub async fn close(self) {
        // Nothing is lost when the broker does not answer this.
        let _ = timeout(CONNECT_WITHIN, self.connection.close(200, "goodbye".into())).await;
    }
}

fn properties(message: &Owed) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert(messages::VERSION_HEADER.into(), AMQPValue::LongInt(message.version.into()));
    BasicProperties::default()
        .with_message_id(message.id.to_string().into())
        .with_type(message.kind.as_str().into())
        .with_headers(headers)
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
}

fn message_id(properties: &BasicProperties) -> Option<Uuid> {
    properties.message_id().as_ref()?.as_str().parse().ok()
}
