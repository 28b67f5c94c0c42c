//! What no one expects of a purchase: the database or our own rules broke. Expected outcomes are values, an
//! enum per use case.

use database::IsDatabaseError;

/// A failure that the shopper can do nothing about; nothing of the step was stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] database::Error),
    /// The bank failed or did not answer.
    #[error(transparent)]
    Bank(#[from] crate::payment::BankError),
    /// More buyers than can be served now; nothing is stored, and the same may be sent again in a moment.
    #[error("more buyers than can be served now")]
    Full,
    /// A guard found what cannot be: a writer without the lock, a sum beyond all bounds.
    #[error("a rule of the purchase was broken: {0}")]
    Defect(&'static str),
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
            Self::Bank(_) | Self::Full | Self::Defect(_) => None,
        }
    }
}
