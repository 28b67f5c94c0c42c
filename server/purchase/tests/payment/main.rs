//! The adapter of the payment provider, tried on the bank (and, where it runs, on localstripe) through real HTTP.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod charging;
mod localstripe;
mod page;
mod refunding;
mod signing;
mod statement;
mod support;
