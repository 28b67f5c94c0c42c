//! The notifier as a whole, between a real RabbitMQ, a real MySQL and a mail server that can misbehave.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

mod consuming;
mod sending;
mod sink;
mod staff;
mod way;
mod world;
