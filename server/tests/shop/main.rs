//! The whole shop through its door: the real server, driven over HTTP, with a real database, broker and bank. The
//! files are named like the pages and matters that they test; `harness` opens a shop for each test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod harness;

mod purchase;
