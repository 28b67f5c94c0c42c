//! The bank over its own door: every test starts one on a free port and drives it as a shop and a shopper do.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod api;
mod disputes;
mod refunds;
mod shopper;
mod support;
mod trouble;
