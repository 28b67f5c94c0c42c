//! The one rule for running a transaction again. Nothing else in the shop repeats database work.

use std::future::Future;
use std::time::Duration;

use rand::RngExt;
use sqlx::mysql::MySqlDatabaseError;

use crate::{Database, IsDatabaseError};

const DEADLOCK: u16 = 1213;
const LOCK_WAIT: u16 = 1205;
const RECORD_CHANGED: u16 = 1020; // MariaDB's snapshot isolation
const ROLLED_BACK_BY_PLUGIN: u16 = 3101; // Group Replication
const MOST_TRIES: u32 = 5;

/// What the server's error allows.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The server undid the whole transaction: run it again.
    Again,
    /// A lock did not come free in time: once more, no oftener.
    OnceMore,
    /// Not a matter of luck.
    Final,
}

fn judge(number: u16, sqlstate: Option<&str>) -> Verdict {
    match number {
        DEADLOCK | RECORD_CHANGED | ROLLED_BACK_BY_PLUGIN => Verdict::Again,
        LOCK_WAIT => Verdict::OnceMore,
        _ if sqlstate == Some("40001") => Verdict::Again,
        _ => Verdict::Final,
    }
}

fn verdict(error: &impl IsDatabaseError) -> Verdict {
    error
        .database_error()
        .and_then(sqlx::Error::as_database_error)
        .and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>())
        .map_or(Verdict::Final, |error| judge(error.number(), error.code()))
}

impl Database {
    /// Runs `once`, a whole transaction from its begin to its end, and runs it again when the database undid it
    /// for a reason that passes (deadlock, certification, lock wait), at most five times in all. `once` must
    /// have no effect outside the database.
    ///
    /// # Errors
    /// `once`'s last error.
    pub async fn retry<T, E, Work, Once>(&self, mut once: Work) -> Result<T, E>
    where
        Work: FnMut() -> Once,
        Once: Future<Output = Result<T, E>>,
        E: IsDatabaseError,
    {
        let mut tries = 0;
        loop {
            let error = match once().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            tries += 1;
            let most = match verdict(&error) {
                Verdict::Again => MOST_TRIES,
                Verdict::OnceMore => 2,
                Verdict::Final => 1,
            };
            if tries >= most {
                return Err(error);
            }
            // Full jitter, so that those who met do not meet again.
            let ceiling = 5_u64 << (2 * tries);
            let wait = rand::rng().random_range(1..=ceiling.min(200));
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_transactions_undone_by_the_server_run_again() {
        for number in [1213, 1020, 3101] {
            assert_eq!(judge(number, None), Verdict::Again);
        }
        assert_eq!(judge(9999, Some("40001")), Verdict::Again);
    }

    #[test]
    fn a_lock_wait_is_tried_once_more_and_a_duplicate_never() {
        assert_eq!(judge(1205, Some("HY000")), Verdict::OnceMore);
        assert_eq!(judge(1062, Some("23000")), Verdict::Final);
    }
}
