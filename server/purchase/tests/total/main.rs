//! What an order costs: the reckoning by hand and by chance, and codes and cards on a real database under contention.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod batches;
mod cards;
mod codes;
mod laws;
mod rates;
mod reckoning;
mod support;
