//! Basket, stock, orders and payment: what a purchase promises is kept here. A reader who follows one opens
//! [`place`] (the hold), [`settle`] (what the bank says), [`sale`] and [`unpaid`] (its two ends).
//!
//! Called by the gateway; knows who is calling only by identity's proofs, and nothing of the web or the catalogue.

mod attempt;
mod bank_news;
pub mod basket;
pub mod cancel;
pub mod contact;
mod copies;
mod error;
pub mod history;
mod hold;
pub mod idempotency;
mod ledger;
mod list;
pub mod money;
pub mod offer;
pub mod order;
pub mod payment;
pub mod place;
mod placed;
mod purchase;
pub mod reconcile;
mod refund;
mod sale;
mod settle;
mod stock;
mod till;
pub mod token;
pub mod total;
mod unpaid;
mod webhook;
mod worker;

pub use error::Error;
pub use place::HOLD_MINUTES;
pub use purchase::{Purchase, Settings};
pub use till::TillSettings;
pub use webhook::WebhookError;
