//! The worker: looks after every attempt that is due, so that what a request began is finished whoever dies.

use std::error::Error as _;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::purchase::Purchase;

/// How many attempts one round takes on.
const BATCH: u32 = 32;
/// How long the worker sleeps when nothing wakes it.
const NAP: Duration = Duration::from_secs(1);

impl Purchase {
    /// Works until `cancel`; what is under way then is finished first.
    pub async fn work(&self, cancel: CancellationToken) {
        while !cancel.is_cancelled() {
            let full = match self.work_once().await {
                Ok(settled) => settled == BATCH as usize,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "the purchase worker cannot reach its database");
                    false
                }
            };
            if !full {
                tokio::select! {
                    () = cancel.cancelled() => {}
                    () = self.worker_woken() => {}
                    () = tokio::time::sleep(NAP) => {}
                }
            }
        }
    }

    /// One round: takes a step with every attempt that is due, side by side. Returns how many there were.
    ///
    /// # Errors
    /// When the due ones cannot be read.
    pub async fn work_once(&self) -> Result<usize, Error> {
        let due = self.due_attempts(BATCH).await?;
        let count = due.len();
        let steps = due.into_iter().map(|attempt| {
            let purchase = self.clone();
            self.tasks().spawn(async move {
                if let Err(error) = purchase.settle(attempt).await {
                    tracing::warn!(%attempt, error = %error, cause = error.source().map(tracing::field::display), "an attempt could not be settled yet");
                }
            })
        });
        for step in steps.collect::<Vec<_>>() {
            // A panic has been reported by its task; the attempt is due again.
            let _ = step.await;
        }
        Ok(count)
    }
}
