//! RabbitMQ as the nemesis sees it: a process that is started again whenever it ends, its command line, its queue.

use std::path::PathBuf;
use std::time::Duration;

use lapin::options::{QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use messages::{KINDS, Names};
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::crew::Crew;

/// How long the broker may take to come back.
const BACK_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take until the queue is empty.
const EMPTY_WITHIN: Duration = Duration::from_secs(5);
/// How much of the memory it may use, by its own default.
const ROOMY: &str = "0.4";

pub struct Broker {
    names: Names,
    /// The file with its process id, and the program that tells it what to do, where whoever started us lets us.
    process: Option<(PathBuf, PathBuf)>,
}

impl Broker {
    pub fn new(prefix: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests are configured by the script that runs them")]
        let path = |name| std::env::var(name).ok().map(PathBuf::from);
        let process = path("TORTURE_BROKER_PID").zip(path("TORTURE_BROKER_CONTROL"));
        Self { names: Names::prefixed(prefix), process }
    }

    /// Ends it by a signal; false where that is not ours to do.
    pub async fn end(&self, signal: &str) -> bool {
        let Some((pid, _)) = &self.process else { return false };
        let pid = std::fs::read_to_string(pid).unwrap();
        Command::new("kill").args([signal, pid.trim()]).status().await.is_ok_and(|status| status.success())
    }

    /// Raises the memory alarm for a while: whoever publishes is blocked.
    pub async fn block(&self, pause: Duration) -> bool {
        let blocked = self.tell(&["set_vm_memory_high_watermark", "0.0000001"]).await;
        if blocked {
            sleep(pause).await;
            self.tell(&["set_vm_memory_high_watermark", ROOMY]).await;
        }
        blocked
    }

    /// Waits until it is there, and ends the alarm.
    pub async fn heal(&self) {
        let begun = Instant::now();
        while self.process.is_some() && !self.tell(&["set_vm_memory_high_watermark", ROOMY]).await {
            assert!(begun.elapsed() < BACK_WITHIN, "the broker does not come back");
            sleep(Duration::from_millis(200)).await;
        }
    }

    async fn tell(&self, what: &[&str]) -> bool {
        let Some((_, control)) = &self.process else { return false };
        Command::new(control).args(what).output().await.is_ok_and(|said| said.status.success())
    }

    /// Takes the notifiers' queue away once there is nothing in it: what is published meanwhile is returned. All of them
    /// die, since what one has in hand is in the queue too, and one that starts makes the queue anew.
    pub async fn lose_queue(&self, crew: &Mutex<Crew>) -> lapin::Result<bool> {
        let connection = Connection::connect(&outbox::testing::broker_url(), ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        self.unbind(&channel).await?;
        self.await_queue(&channel, |ready, _| ready == 0).await?;
        let mut crew = crew.lock().await;
        crew.end("notifier").await;
        // One may have bound it again when it was started.
        self.unbind(&channel).await?;
        let is_empty = self.await_queue(&channel, |ready, readers| ready == 0 && readers == 0).await?;
        let queue = self.names.queue.as_str();
        if is_empty {
            channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await?;
            // As long as the notifiers are away.
            sleep(Duration::from_secs(2)).await;
        } else {
            for kind in KINDS {
                let (exchange, none) = (self.names.exchange.as_str(), FieldTable::default());
                channel
                    .queue_bind(queue.into(), exchange.into(), kind.into(), QueueBindOptions::default(), none)
                    .await?;
            }
        }
        drop(crew);
        connection.close(200, "goodbye".into()).await?;
        Ok(is_empty)
    }

    async fn unbind(&self, channel: &Channel) -> lapin::Result<()> {
        let (queue, exchange) = (self.names.queue.as_str(), self.names.exchange.as_str());
        for kind in KINDS {
            channel.queue_unbind(queue.into(), exchange.into(), kind.into(), FieldTable::default()).await?;
        }
        Ok(())
    }

    /// Waits until it has so many messages and readers; false when it does not come to that.
    async fn await_queue(&self, channel: &Channel, wanted: impl Fn(u32, u32) -> bool) -> lapin::Result<bool> {
        let begun = Instant::now();
        while begun.elapsed() < EMPTY_WITHIN {
            let look = QueueDeclareOptions { passive: true, ..Default::default() };
            let queue = channel.queue_declare(self.names.queue.as_str().into(), look, FieldTable::default()).await?;
            if wanted(queue.message_count(), queue.consumer_count()) {
                return Ok(true);
            }
            sleep(Duration::from_millis(200)).await;
        }
        Ok(false)
    }
}
