//! identity as the gateway uses it, on a real database.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod account;
mod address_proof;
mod browser;
mod session;
mod store;
