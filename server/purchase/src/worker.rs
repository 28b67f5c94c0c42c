//! The worker: looks after every attempt that is due, so that what a request began is finished whoever dies.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Error;
use crate::purchase::Purchase;

/// How many attempts are looked after at once, and how many one look finds.
const AT_ONCE: u32 = 32;
/// How long the worker sleeps when nothing wakes it.
const NAP: Duration = Duration::from_secs(1);
/// How long it waits for more once it is woken: one look serves all who woke it.
const GATHER: Duration = Duration::from_millis(20);
/// How often it clears away what nobody needs any more.
const TIDY_EVERY: Duration = Duration::from_mins(10);

impl Purchase {
    /// Works until `cancel`; [`finish`](Self::finish) waits for what is under way then. One attempt that waits for a
    /// silent bank holds up no other.
    pub async fn work(&self, cancel: CancellationToken) {
        let places = Arc::new(Semaphore::new(AT_ONCE as usize));
        let money = Arc::new(Semaphore::new(1));
        let mut tidy = tokio::time::interval(TIDY_EVERY);
        while !cancel.is_cancelled() {
            // One round at a time, beside the attempts: a silent bank holds these up no more than those.
            if let Ok(turn) = Arc::clone(&money).try_acquire_owned() {
                let purchase = self.clone();
                self.tasks().spawn(async move {
                    if let Err(error) = purchase.look_after_money().await {
                        tracing::error!(error = &error as &dyn std::error::Error, "money that goes back waits");
                    }
                    drop(turn);
                });
            }
            match self.due_attempts(AT_ONCE).await {
                Ok(due) => {
                    for attempt in due {
                        // The semaphore is never closed.
                        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                        let purchase = self.clone();
                        self.tasks().spawn(async move {
                            purchase.look_after(attempt).await;
                            drop(place);
                        });
                    }
                }
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the purchase worker cannot reach its database"
                ),
            }
            tokio::select! {
                () = cancel.cancelled() => {}
                () = self.worker_woken() => tokio::time::sleep(GATHER).await,
                () = tokio::time::sleep(NAP) => {}
                _ = tidy.tick() => self.tidy_up().await,
            }
        }
    }

    /// One round, for tests: looks after every attempt that is due, and returns when that is done.
    ///
    /// # Errors
    /// When the due ones cannot be read.
    pub async fn work_once(&self) -> Result<(), Error> {
        self.look_after_money().await?;
        for attempt in self.due_attempts(AT_ONCE).await? {
            self.look_after(attempt).await;
        }
        Ok(())
    }

    /// What happens to payments after they were made.
    async fn look_after_money(&self) -> Result<(), Error> {
        self.read_bank_news(AT_ONCE).await?;
        for refund in self.due_refunds(AT_ONCE).await? {
            if let Err(error) = self.give_money_back(refund).await {
                tracing::warn!(%refund, error = &error as &dyn std::error::Error, "a refund waits");
            }
        }
        Ok(())
    }

    /// Clears away what nobody needs any more.
    pub async fn tidy_up(&self) {
        if let Err(error) = self.forget_old_keys().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "old idempotency keys stay for now");
        }
    }

    async fn look_after(&self, attempt: Uuid) {
        if let Err(error) = self.settle(attempt).await {
            let cause = error.source().map(tracing::field::display);
            tracing::warn!(%attempt, %error, cause, "an attempt could not be settled yet");
        }
    }
}
