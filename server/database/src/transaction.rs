//! A transaction that ends where the code says so: a dropped one would only queue its ROLLBACK and keep its
//! locks until its connection is used again.

use std::ops::{Deref, DerefMut};

use sqlx::{MySql, MySqlConnection};

use crate::Error;

/// An open transaction; use it as a connection, then [`end`](Self::end) it.
#[derive(Debug)]
pub struct Transaction {
    inner: sqlx::Transaction<'static, MySql>,
}

impl Transaction {
    pub(crate) fn new(inner: sqlx::Transaction<'static, MySql>) -> Self {
        Self { inner }
    }

    /// Commits when `result` is `Ok`, rolls back when it is `Err`, and hands `result` on.
    ///
    /// # Errors
    /// `result`'s own error, or that of the COMMIT.
    pub async fn end<T, E: From<Error>>(self, result: Result<T, E>) -> Result<T, E> {
        match result {
            Ok(value) => match self.inner.commit().await {
                Ok(()) => Ok(value),
                // The server answered: it refused, and nothing is stored (certification, deadlock).
                Err(error @ sqlx::Error::Database(_)) => Err(Error::Sqlx(error).into()),
                Err(error) => Err(Error::CommitUnknown(error).into()),
            },
            Err(error) => {
                self.roll_back().await;
                Err(error)
            }
        }
    }

    /// As [`end`](Self::end), between two places of `step` at which a test build can be made to die.
    ///
    /// # Errors
    /// As [`end`](Self::end).
    pub async fn end_at<T, E: From<Error>>(self, step: &str, result: Result<T, E>) -> Result<T, E> {
        failpoint::at(step, "before_commit");
        let ended = self.end(result).await;
        failpoint::at(step, "after_commit");
        ended
    }

    /// Undoes everything, for an outcome that stores nothing.
    pub async fn roll_back(self) {
        if let Err(error) = self.inner.rollback().await {
            tracing::warn!(%error, "rolling back failed; the server does it when the connection ends");
        }
    }
}

impl Deref for Transaction {
    type Target = MySqlConnection;

    fn deref(&self) -> &MySqlConnection {
        &self.inner
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut MySqlConnection {
        &mut self.inner
    }
}
