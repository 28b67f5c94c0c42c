//! Carries owed messages to the broker. Any number of relays may run; a killed one's messages are taken over
//! when its lease ends.

use std::sync::Arc;
use std::time::Duration;

use database::Database;
use messages::Names;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::publisher::Publisher;
use crate::store::{self, BATCH};

/// How often the relay looks without being woken.
const POLL: Duration = Duration::from_secs(1);
/// How long it waits for more messages once it is woken: one batch carries them all.
const GATHER: Duration = Duration::from_millis(20);
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
const SWEEP_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a step of the relay failed. Whatever it was, nothing is lost.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The outbox could not be read or written.
    #[error("the database failed")]
    Database(#[from] database::Error),
    /// The broker is away or refused something.
    #[error("the broker failed")]
    Broker(#[from] lapin::Error),
    /// The broker did not answer in time: it is blocked, or the line is dead.
    #[error("the broker is silent")]
    Silent,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Carries messages from the outbox to the broker.
pub struct Relay {
    database: Database,
    broker_url: String,
    names: Names,
    id: Uuid,
    wake: Arc<Notify>,
    publisher: Option<Publisher>,
}

impl Relay {
    /// A relay that connects when it first has to. `broker_url`: `amqp://user:password@host:port/vhost`.
    #[must_use]
    pub fn new(database: Database, broker_url: String) -> Self {
        Self {
            database,
            broker_url,
            names: Names::default(),
            id: Uuid::now_v7(),
            wake: Arc::default(),
            publisher: None,
        }
    }

    /// The same relay, publishing under other names.
    #[must_use]
    pub fn with_names(self, names: Names) -> Self {
        Self { names, ..self }
    }

    /// Wakes [`run`](Self::run): call `notify_one` after committing a message, and it leaves in a moment.
    #[must_use]
    pub fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Carries one batch, and answers how many messages it took up. [`run`](Self::run) does this for ever.
    ///
    /// # Errors
    /// When database or broker failed; what was taken up is owed as before.
    pub async fn step(&mut self) -> Result<usize, Error> {
        // The line first: while the broker is away nothing is leased.
        let publisher = match self.publisher.take() {
            Some(publisher) if publisher.is_connected() => publisher,
            _ => Publisher::connect(&self.broker_url, &self.names).await?,
        };
        let owed = store::lease(&self.database, self.id).await;
        let owed = match owed {
            Ok(owed) if !owed.is_empty() => owed,
            nothing => {
                self.publisher = Some(publisher);
                return Ok(nothing?.len());
            }
        };
        if failpoint::defect("marked_early") {
            store::mark_published(&self.database, &owed.iter().map(|message| message.id).collect::<Vec<_>>()).await?;
        }
        failpoint::at("outbox", "before_publish");
        let taken = match publisher.publish(&owed).await {
            Ok(taken) => taken,
            Err(error) => {
                store::release(&self.database, self.id).await?;
                return Err(error);
            }
        };
        self.publisher = Some(publisher);
        let (taken, refused): (Vec<_>, Vec<_>) =
            owed.iter().map(|message| message.id).partition(|id| taken.contains(id));
        if !taken.is_empty() {
            failpoint::at("outbox", "before_mark");
            store::mark_published(&self.database, &taken).await?;
            failpoint::at("outbox", "after_mark");
        }
        if !refused.is_empty() {
            tracing::warn!(
                messages = refused.len(),
                first = %refused[0],
                "the broker has no queue for messages, or no room; they are kept and tried again"
            );
            store::postpone(&self.database, self.id, &refused).await?;
        }
        Ok(owed.len())
    }

    /// Carries messages until `cancel`: every second, and whenever it is woken. A batch under way is finished.
    pub async fn run(mut self, cancel: CancellationToken) {
        let wake = self.wake();
        let mut failures = 0_u32;
        let mut next_sweep = Instant::now();
        while !cancel.is_cancelled() {
            let step = self.step().await;
            let wait = match step {
                Ok(count) => {
                    if failures > 0 {
                        tracing::info!(failures, "messages are carried again");
                    }
                    failures = 0;
                    if count == BATCH { Duration::ZERO } else { POLL }
                }
                Err(error) => {
                    if failures == 0 {
                        let error = format!("{:#}", anyhow::Error::new(error));
                        tracing::warn!(error, "messages cannot be carried; they are kept until this passes");
                    }
                    failures += 1;
                    POLL.saturating_mul(1 << failures.min(6)).min(LONGEST_BACKOFF)
                }
            };
            if failures == 0 && Instant::now() >= next_sweep {
                next_sweep = Instant::now() + SWEEP_EVERY;
                if let Err(error) = store::empty_old_payloads(&self.database).await {
                    tracing::warn!(%error, "old payloads could not be emptied");
                }
            }
            tokio::select! {
                () = cancel.cancelled() => {}
                () = sleep(wait) => {}
                // While something is down, being woken is no reason to hurry.
                () = wake.notified(), if failures == 0 => sleep(GATHER).await,
            }
        }
        if let Some(publisher) = self.publisher {
            publisher.close().await;
        }
    }
}
