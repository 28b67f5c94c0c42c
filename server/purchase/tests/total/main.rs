//! What an order costs: the reckoning by hand and by chance.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod laws;
mod reckoning;
