//! The purchase on a real database and with a real bank: what it promises, tried under contention and with faults.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod basket;
mod claiming;
mod client;
mod deadlocking;
mod failing;
mod holding;
mod model;
mod paying;
mod reconciling;
mod redeeming;
mod refunding;
mod support;
