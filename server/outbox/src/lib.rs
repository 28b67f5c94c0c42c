//! Messages that are owed: [`insert`] writes one in the transaction that it speaks of, the [`Relay`] carries it
//! to RabbitMQ afterwards, at least once; whoever reads it drops the second of two by its id.

mod publisher;
mod relay;
mod store;
pub mod testing;

pub use relay::{Error, Relay};
pub use store::{Pending, insert, pending};

/// The log directive that keeps lapin from logging a returned message together with its payload.
pub const LOG_DIRECTIVE: &str = "lapin::returned_messages=off";
