//! `address.proof`: somebody is to prove that an e-mail address is theirs.

use serde::{Deserialize, Serialize};

/// A link that proves an address, for the one letter that carries it: as secret as a password until it is used.
///
/// Nothing else that was typed is in it, or whoever signs up with a stranger's address could have us write to them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressProof {
    /// Where the letter goes: the address that is to be proved.
    pub email: String,
    /// The page that proves it, absolute.
    pub proof_url: String,
    /// Until when the link works, in seconds since 1970; a letter that is later than this is not sent.
    pub valid_until: i64,
}

impl AddressProof {
    /// The message's kind.
    pub const KIND: &str = "address.proof";
    /// The newest version.
    pub const VERSION: u16 = 1;
}
