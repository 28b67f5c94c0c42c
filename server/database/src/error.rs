//! What can go wrong with a database, told apart by what the caller may do next.

/// A failure of the database itself; expected outcomes (a duplicate, no row) are not errors of this type.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection broke while COMMIT was under way: look the outcome up by its id, never repeat blindly.
    #[error("the outcome of a commit is unknown")]
    CommitUnknown(#[source] sqlx::Error),
    /// Anything else that the database or the connection said; nothing of the transaction was stored.
    #[error("the database failed")]
    Sqlx(#[from] sqlx::Error),
}

/// An error that may carry one of the database's, so that the retry rule can see it.
pub trait IsDatabaseError {
    /// The database's own error, if that is what this is.
    fn database_error(&self) -> Option<&sqlx::Error>;

    /// Whether the database could not be reached, or had no connection free: the caller may come back later.
    fn is_out_of_reach(&self) -> bool {
        use sqlx::Error::{Io, PoolClosed, PoolTimedOut};
        matches!(self.database_error(), Some(PoolTimedOut | PoolClosed | Io(_)))
    }
}

impl IsDatabaseError for Error {
    fn database_error(&self) -> Option<&sqlx::Error> {
        match self {
            // Unknown outcomes are never repeated, so the retry rule must not see them.
            Self::CommitUnknown(_) => None,
            Self::Sqlx(error) => Some(error),
        }
    }
}

/// Whether an INSERT failed because its key is taken (1062). On MySQL sqlx does not name the constraint:
/// the caller knows which one it can be.
#[must_use]
pub fn is_duplicate(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
