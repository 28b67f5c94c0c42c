//! Takes messages from the broker: each is a mail written down as pending, and only then acknowledged.

use std::sync::Arc;
use std::time::Duration;

use database::Database;
use futures::StreamExt;
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicRejectOptions};
use lettre::message::Mailbox;
use messages::{Message, Names, Unreadable};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::broker::{Error, PREFETCH, Subscription};
use crate::letter::{Letter, Unwritable};
use crate::mail;

const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// Reads the notifier's queue.
pub struct Consumer {
    pub broker_url: SecretString,
    pub names: Names,
    pub database: Database,
    pub from: Mailbox,
    /// Tells the deliverer that there is a mail.
    pub wake: Arc<Notify>,
}

/// Why a message is for the dead letters.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("it has no message id")]
    NoId,
    #[error("it has no kind or version")]
    NoKind,
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
}

impl Consumer {
    /// Consumes until `cancel`, reconnecting from scratch whenever the line breaks.
    pub async fn run(&self, cancel: &CancellationToken) {
        let mut failures = 0;
        while !cancel.is_cancelled() {
            let Err(error) = self.consume(cancel, &mut failures).await else { break };
            if failures == 0 {
                let error = format!("{:#}", anyhow::Error::new(error));
                tracing::warn!(error, "no messages can be taken in; they wait at the broker until this passes");
            }
            failures += 1;
            back_off(failures, cancel).await;
        }
    }

    async fn consume(&self, cancel: &CancellationToken, failures: &mut u32) -> Result<(), Error> {
        let mut subscription = Subscription::open(self.broker_url.expose_secret(), &self.names).await?;
        if *failures > 0 {
            tracing::info!(failures, "messages are taken in again");
            *failures = 0;
        }
        loop {
            // Whatever has come meanwhile is written down together.
            let mut ready = (&mut subscription.messages).ready_chunks(PREFETCH.into());
            let deliveries = tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                next = ready.next() => next.ok_or(Error::Ended)?,
            };
            self.take(deliveries.into_iter().collect::<Result<_, _>>()?, cancel).await?;
        }
        subscription.close().await;
        Ok(())
    }

    async fn take(&self, deliveries: Vec<Delivery>, cancel: &CancellationToken) -> Result<(), Error> {
        let (mut letters, mut usable) = (Vec::new(), Vec::new());
        for delivery in deliveries {
            match self.read(&delivery) {
                Ok(letter) => {
                    letters.push(letter);
                    usable.push(delivery);
                }
                Err(why) => self.reject(&delivery, &why).await?,
            }
        }
        if failpoint::defect("early_ack") {
            acknowledge(&usable).await?;
        }
        if self.write_down(&letters, cancel).await && !failpoint::defect("early_ack") {
            acknowledge(&usable).await?;
            failpoint::at("notifier::take", "after_ack");
        }
        Ok(())
    }

    async fn reject(&self, delivery: &Delivery, why: &Unusable) -> Result<(), Error> {
        tracing::error!(
            message_id = ?delivery.properties.message_id(),
            kind = ?delivery.properties.kind(),
            why = %why,
            queue = self.names.dead_letters,
            "a message cannot be used: it goes to the dead letters"
        );
        delivery.reject(BasicRejectOptions { requeue: false }).await?;
        Ok(())
    }

    fn read(&self, delivery: &Delivery) -> Result<(Uuid, Letter), Unusable> {
        let properties = &delivery.properties;
        let id = properties.message_id().as_ref().and_then(|id| id.as_str().parse().ok()).ok_or(Unusable::NoId)?;
        let kind = properties.kind().as_ref().ok_or(Unusable::NoKind)?;
        let version = version(properties).ok_or(Unusable::NoKind)?;
        let message = Message::decode(kind.as_str(), version, &delivery.data)?;
        Ok((id, Letter::write(&message, &self.from)?))
    }

    /// Waits for the database as long as it takes; false when cancelled before the mails were written down.
    async fn write_down(&self, letters: &[(Uuid, Letter)], cancel: &CancellationToken) -> bool {
        if letters.is_empty() {
            return true;
        }
        let mut failures = 0;
        loop {
            match mail::take_in(&self.database, letters).await {
                Ok(new) => {
                    if failures > 0 {
                        tracing::info!(failures, "the database takes mails again");
                    }
                    for (message_id, letter) in letters.iter().filter(|(message_id, _)| new.contains(message_id)) {
                        tracing::info!(%message_id, mail_id = %letter.id, kind = letter.kind, "a mail is owed");
                    }
                    if !new.is_empty() {
                        self.wake.notify_one();
                    }
                    return true;
                }
                Err(error) => {
                    if failures == 0 {
                        let error = format!("{:#}", anyhow::Error::new(error));
                        tracing::warn!(
                            error,
                            "mails cannot be written down; their messages stay unacknowledged until this passes"
                        );
                    }
                    failures += 1;
                    back_off(failures, cancel).await;
                    if cancel.is_cancelled() {
                        return false;
                    }
                }
            }
        }
    }
}

/// Acknowledges all of these; what came before and is not among them has been rejected.
async fn acknowledge(deliveries: &[Delivery]) -> Result<(), Error> {
    if let Some(last) = deliveries.last() {
        last.ack(BasicAckOptions { multiple: true }).await?;
    }
    Ok(())
}

fn version(properties: &BasicProperties) -> Option<u16> {
    let headers = properties.headers().as_ref()?;
    let version = headers.inner().get(messages::VERSION_HEADER)?.as_long_int()?;
    version.try_into().ok()
}

async fn back_off(failures: u32, cancel: &CancellationToken) {
    let wait = Duration::from_millis(500).saturating_mul(1 << failures.min(6)).min(LONGEST_BACKOFF);
    let _ = cancel.run_until_cancelled(tokio::time::sleep(wait)).await;
}
