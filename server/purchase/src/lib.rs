//! Basket, stock, orders and payment: what a purchase promises is kept here. A reader who follows one opens
//! [`place`] (the hold), [`settle`] (what the bank says, and the two ends).
//!
//! Called by the gateway; knows who is calling only by identity's proofs, and nothing of the web or the catalogue.

pub mod basket;
mod error;
mod list;
pub mod money;
pub mod order;
pub mod payment;
pub mod place;
mod purchase;
pub mod reconcile;
mod refund;
mod settle;
pub mod stock;
mod till;
pub mod total;
mod webhook;
mod worker;

pub use error::Error;
pub use place::HOLD_MINUTES;
pub use purchase::{Purchase, Settings};
pub use refund::by_staff::{RefundOrder, RefundOutcome};
pub use till::TillSettings;
pub use webhook::WebhookError;
