//! The till at which steps of attempts are written down that concern nothing else.

use database::Database;
use uuid::Uuid;

use crate::Error;
use crate::settle::attempt::{AttemptStep, step};
use crate::till::Counter;

/// Where steps are written down that concern an attempt alone.
pub(crate) struct StepCounter {
    pub database: Database,
}

impl Counter for StepCounter {
    type Entry = AttemptStep;
    /// Whether this changed it: it was still in the state that it was taken from.
    type Answer = bool;
    type Key = Uuid;

    fn keys(step: &AttemptStep) -> impl Iterator<Item = Uuid> {
        std::iter::once(step.id)
    }

    async fn serve(&self, steps: &[&AttemptStep]) -> Result<Vec<bool>, Error> {
        let mut steps: Vec<AttemptStep> = steps.iter().map(|step| (*step).clone()).collect();
        let count = steps.len();
        steps.sort_unstable_by_key(|step| step.id);
        self.database
            .retry(|| async {
                let mut tx = self.database.begin().await?;
                let result = step(&mut tx, &steps).await.and_then(|changed| match (changed, count) {
                    (changed, count) if changed == count as u64 => Ok(vec![true; count]),
                    (_, 1) => Ok(vec![false]),
                    // Whose it was shows when each goes alone.
                    _ => Err(Error::Defect("not all attempts of a batch were where they should be")),
                });
                tx.end_at("purchase::step", result).await
            })
            .await
    }
}
