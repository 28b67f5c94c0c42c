//! The single door through which a module's failure becomes ours: logged once, with its causes; shown as a code.

use std::error::Error;

use database::IsDatabaseError;

use crate::error::AppError;

impl From<purchase::Error> for AppError {
    fn from(error: purchase::Error) -> Self {
        let passes = match &error {
            purchase::Error::Database(error) => passes(error),
            purchase::Error::Full => true,
            purchase::Error::Bank(_) | purchase::Error::Defect(_) => false,
        };
        failed(&error, passes)
    }
}

impl From<identity::Error> for AppError {
    fn from(error: identity::Error) -> Self {
        failed(&error, matches!(error, identity::Error::Busy | identity::Error::Session(_)) || error.is_out_of_reach())
    }
}

impl From<database::Error> for AppError {
    fn from(error: database::Error) -> Self {
        failed(&error, passes(&error))
    }
}

impl From<search::Error> for AppError {
    fn from(error: search::Error) -> Self {
        failed(&error, false)
    }
}

/// Whether trying again in a moment may help; after a commit of unknown outcome the next look shows what came of it.
fn passes(error: &database::Error) -> bool {
    matches!(error, database::Error::CommitUnknown(_)) || error.is_out_of_reach()
}

fn failed(error: &dyn Error, passes: bool) -> AppError {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    tracing::error!(%error, causes = causes.join(": "), "a request failed");
    if passes { AppError::Busy } else { AppError::Broken }
}
