//! A notifier with a database, names at the broker and a mail server of its own.

use std::net::SocketAddr;
use std::time::Duration;

use config::Config;
use database::testing::TestDatabase;
use lapin::options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use messages::{AddressProof, Message, Names, OrderConfirmed};
use notifier::config::Settings;
use notifier::{MIGRATIONS, Notifier};
use outbox::testing::{self, Line};
use time::OffsetDateTime;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::sink::Sink;

pub const CREDENTIAL: &str = "a credential for staff";

pub struct World {
    pub sink: Sink,
    pub names: Names,
    /// The notifier's lines, to be cut.
    pub to_broker: Line,
    pub to_database: Line,
    test: TestDatabase,
    prefix: String,
    channel: Channel,
    _connection: Connection,
}

/// A notifier that runs.
pub struct Running {
    pub address: SocketAddr,
    cancel: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

/// How the one mail stands.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub struct Standing {
    pub state: String,
    pub attempts: u32,
    pub answer: String,
}

impl World {
    pub async fn create() -> Self {
        let test = TestDatabase::create(&MIGRATIONS).await;
        let prefix = testing::prefix();
        let connection = Connection::connect(&testing::broker_url(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        Self {
            sink: Sink::open().await,
            names: Names::prefixed(&prefix),
            to_broker: Line::to(&testing::broker_url()).await,
            to_database: Line::to(&test.url).await,
            test,
            prefix,
            channel,
            _connection: connection,
        }
    }

    pub fn settings(&self) -> Settings {
        let mut section = Config::builder();
        for (key, value) in [
            ("database_url", self.to_database.url.clone()),
            ("broker_url", self.to_broker.url.clone()),
            ("broker_prefix", self.prefix.clone()),
            ("address", "127.0.0.1:0".to_owned()),
            ("smtp_url", format!("smtp://{}", self.sink.address)),
            ("smtp_timeout", "1".to_owned()),
            ("from", "Octavo <orders@octavo.example>".to_owned()),
            ("credential", CREDENTIAL.to_owned()),
        ] {
            section = section.set_override(key, value).unwrap();
        }
        Settings::read(section.build().unwrap()).unwrap()
    }

    pub async fn start(&self) -> Running {
        let notifier = Notifier::open(self.settings()).await.unwrap();
        let address = notifier.address().unwrap();
        let cancel = CancellationToken::new();
        let task = tokio::spawn(notifier.run(cancel.clone()));
        Running { address, cancel, task }
    }

    /// Publishes what claims to be a message, once the notifier has declared its queue.
    pub async fn publish(&self, id: &str, kind: &str, version: i32, payload: &[u8]) {
        let mut headers = FieldTable::default();
        headers.insert(messages::VERSION_HEADER.into(), AMQPValue::LongInt(version));
        let properties =
            BasicProperties::default().with_message_id(id.into()).with_type(kind.into()).with_headers(headers);
        let mandatory = BasicPublishOptions { mandatory: true, ..Default::default() };
        within("there is no queue", async || {
            self.channel
                .basic_publish("".into(), self.names.queue.as_str().into(), mandatory, payload, properties.clone())
                .await
                .unwrap()
                .await
                .unwrap()
                .take_message()
                .is_none()
        })
        .await;
    }

    pub async fn publish_message(&self, id: Uuid, message: &Message) {
        let payload = message.payload();
        self.publish(&id.to_string(), message.kind(), message.version().into(), payload.as_bytes()).await;
    }

    pub async fn dead_letter(&self) -> Vec<u8> {
        let mut found = None;
        within("there is no dead letter", async || {
            let queue = self.names.dead_letters.as_str();
            let got = self.channel.basic_get(queue.into(), BasicGetOptions { no_ack: true }).await.unwrap();
            found = got.map(|message| message.delivery.data);
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    pub async fn mails(&self) -> i64 {
        sqlx::query_scalar("select count(*) from mail").fetch_one(self.test.database.pool()).await.unwrap()
    }

    pub async fn unsent(&self) -> i64 {
        let unsent = "select count(*) from mail where state <> 'sent'";
        sqlx::query_scalar(unsent).fetch_one(self.test.database.pool()).await.unwrap()
    }

    pub async fn standing(&self) -> Option<Standing> {
        sqlx::query_as("select state, attempts, coalesce(last_answer, '') as answer from mail")
            .fetch_optional(self.test.database.pool())
            .await
            .unwrap()
    }

    /// Waits until the one mail is in `state` after `attempts`, and answers what the mail server said.
    pub async fn until(&self, state: &str, attempts: u32) -> String {
        let mut last = None;
        let reached = timeout(Duration::from_secs(30), async {
            loop {
                last = self.standing().await;
                if last.as_ref().is_some_and(|mail| mail.state == state && mail.attempts == attempts) {
                    break;
                }
                sleep(Duration::from_millis(50)).await;
            }
        });
        if reached.await.is_err() {
            panic!("the mail was to be {state} after {attempts} tries, but is {last:?}");
        }
        last.unwrap().answer
    }

    /// Lets the next try be due.
    pub async fn hurry(&self) {
        self.execute("update mail set next_at = current_timestamp(6)").await;
    }

    pub async fn execute(&self, sql: &'static str) -> u64 {
        sqlx::query(sql).execute(self.test.database.pool()).await.unwrap().rows_affected()
    }

    pub async fn end(self, running: Running) {
        running.stop().await;
        testing::remove(&self.names).await;
        self.test.drop().await;
    }
}

impl Running {
    /// Stops it as SIGTERM does.
    pub async fn stop(self) {
        self.cancel.cancel();
        self.task.await.unwrap().unwrap();
    }

    /// Stops it as SIGKILL does: nothing is finished.
    pub async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

pub async fn within(complaint: &str, mut done: impl AsyncFnMut() -> bool) {
    let waited = timeout(Duration::from_secs(30), async {
        while !done().await {
            sleep(Duration::from_millis(50)).await;
        }
    });
    waited.await.expect(complaint);
}

pub fn order_confirmed() -> Message {
    let example = include_bytes!("../../messages/examples/order.confirmed.1.json");
    Message::decode(OrderConfirmed::KIND, 1, example).unwrap()
}

/// A proof of an address, of use for an hour from now.
pub fn address_proof() -> Message {
    Message::AddressProof(AddressProof {
        email: "ada@example.org".to_owned(),
        proof_url: "https://octavo.example/prove-address/0f1e2d3c4b5a69788796a5b4c3d2e1f0".to_owned(),
        valid_until: OffsetDateTime::now_utc().unix_timestamp() + 3600,
    })
}
