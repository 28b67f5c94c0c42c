//! The account of whoever is signed in.

use serde::{Deserialize, Serialize};

/// An account, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The e-mail address that it signs in with.
    pub email: String,
    /// Whether the customer has proved that the address is theirs; orders made as a guest with it are theirs then too.
    pub email_proved: bool,
}
