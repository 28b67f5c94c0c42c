//! What nobody expected; the outcomes that a caller words for people are in each use case's own enum.

use argon2::password_hash;
use database::IsDatabaseError;

/// A failure of identity's own means.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too many passwords wait to be hashed: turn this caller away for now (503).
    #[error("too many passwords are being hashed")]
    Busy,
    /// A password could not be hashed, or a stored hash is damaged.
    #[error("hashing a password failed")]
    Hash(#[from] password_hash::Error),
    /// The thread that hashed a password died.
    #[error("hashing a password was cut off")]
    HashStopped(#[source] tokio::task::JoinError),
    /// The session could not be read or written. Nobody is signed in then.
    #[error("the session failed")]
    Session(#[from] tower_sessions::session::Error),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] database::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl IsDatabaseError for Error {
    fn database_error(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Database(error) => error.database_error(),
            Self::Busy | Self::Hash(_) | Self::HashStopped(_) | Self::Session(_) => None,
        }
    }
}
