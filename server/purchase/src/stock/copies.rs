//! Copies of an edition, as stock, holds and ledger count them.

use serde::Serialize;

/// How many copies of which edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Copies {
    pub edition: u64,
    pub quantity: i32,
}
