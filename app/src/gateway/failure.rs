//! The single door through which a module's failure becomes ours: logged once, with its causes; shown as a code.

use std::error::Error;

use database::IsDatabaseError;

use crate::error::AppError;

impl From<purchase::Error> for AppError {
    fn from(error: purchase::Error) -> Self {
        failed(&error, error.is_out_of_reach())
    }
}

impl From<identity::Error> for AppError {
    fn from(error: identity::Error) -> Self {
        failed(&error, matches!(error, identity::Error::Busy | identity::Error::Session(_)) || error.is_out_of_reach())
    }
}

impl From<database::Error> for AppError {
    fn from(error: database::Error) -> Self {
        failed(&error, error.is_out_of_reach())
    }
}

impl From<search::Error> for AppError {
    fn from(error: search::Error) -> Self {
        failed(&error, false)
    }
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
