//! The whole shop through its door: the real server, driven over HTTP, with a real database, broker and bank. The
//! files are named like the pages and matters that they test; `harness` opens a shop for each test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod harness;

mod access;
mod bad_input;
mod basket;
mod book;
mod checkout;
mod claim;
mod commit;
mod crash;
mod headers;
mod health;
mod idempotency;
mod import;
mod order;
mod purchase;
mod race;
mod reconcile;
mod redeem;
mod refund;
mod same_origin;
mod search;
mod sign_in;
mod sign_up;
mod trouble;
mod webhook;
