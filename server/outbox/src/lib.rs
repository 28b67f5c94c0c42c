//! Messages that are owed: [`insert`] writes one in the transaction that it speaks of, the [`Relay`] carries it
//! to RabbitMQ afterwards, at least once; whoever reads it drops the second of two by its id.

mod publisher;
mod relay;
mod store;
pub mod testing;

pub use relay::{Error, Relay};
pub use store::{Pending, insert, pending};

/// The log directive for a process that runs a relay: lapin would log every vain connection, and a returned
/// message together with its payload. The relay says what matters.
pub const LOG_DIRECTIVE: &str = "lapin=off";
