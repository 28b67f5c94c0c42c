//! Who is calling: customers, their passwords and proved addresses, browser sessions and where they are kept, and the
//! proofs of identity that the rest of the shop asks for. Knows nothing of pages, and nothing of what is sold.

mod address_proof;
pub mod caller;
mod customer;
mod email;
mod error;
mod password;
mod session;
mod session_store;
mod sign_in;
mod sign_up;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

use std::sync::Arc;

pub use caller::{AddressOwner, Customer, CustomerId, OrderHolder, Shopper, ShopperId};
pub use email::{EmailProblem, check_email};
pub use error::Error;
pub use password::{Cost, PasswordProblem};
pub use session::{ABSOLUTE_LIFETIME, IDLE_LIFETIME, RENEWAL_INTERVAL, SignedIn};
pub use session_store::SessionStore;
pub use sign_in::SignInError;
pub use sign_up::{NameProblem, Problems, SignUp, SignUpError};

use database::Database;
use password::Passwords;
use tokio::sync::Notify;

/// What a shop decides about its accounts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What nobody may have as a password.
    pub shop_name: String,
    /// What one guess of a password shall cost.
    pub cost: Cost,
    /// What stands before the token in a link that proves an address: the page's absolute address and a slash.
    pub proof_url: String,
}

/// The accounts of the shop and who is signed in to them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Identity {
    database: Database,
    passwords: Passwords,
    settings: Arc<Settings>,
    relay: Arc<Notify>,
}

impl Identity {
    /// Works on `database`; `relay` is told when there is a message to be relayed.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn new(database: Database, settings: Settings, relay: Arc<Notify>) -> Result<Self, Error> {
        let passwords = Passwords::new(settings.cost)?;
        Ok(Self { database, passwords, settings: Arc::new(settings), relay })
    }
}
