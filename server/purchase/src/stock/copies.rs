//! Copies of an edition, as stock, holds and ledger count them.

/// How many copies of which edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Copies {
    pub edition: u64,
    pub quantity: i32,
}
