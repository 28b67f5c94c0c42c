//! The parts that run in the browser. Small: no router, no shared state; each works as plain HTML before and without it.

mod order_watch;
mod search_box;

pub use order_watch::OrderWatch;
pub use search_box::SearchBox;
