//! Who is calling: customers, their passwords, browser sessions and where they are kept, and the proofs of
//! identity that the rest of the shop asks for. Knows nothing of pages, and nothing of what is sold.

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

pub use caller::{Customer, CustomerId, OrderHolder, Shopper, ShopperId};
pub use email::{EmailProblem, check_email};
pub use error::Error;
pub use password::{Cost, PasswordProblem};
pub use session::{ABSOLUTE_LIFETIME, IDLE_LIFETIME, RENEWAL_INTERVAL, SignedIn};
pub use session_store::SessionStore;
pub use sign_in::SignInError;
pub use sign_up::{NameProblem, Problems, SignUp, SignUpError};

use database::Database;
use password::Passwords;

/// The accounts of the shop and who is signed in to them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Identity {
    database: Database,
    passwords: Passwords,
    shop_name: Arc<str>,
}

impl Identity {
    /// Works on `database`. `shop_name` is what nobody may have as a password; `cost` is what one guess of a
    /// password shall cost.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn new(database: Database, shop_name: &str, cost: Cost) -> Result<Self, Error> {
        Ok(Self { database, passwords: Passwords::new(cost)?, shop_name: shop_name.into() })
    }
}
