//! Connections to MySQL (or MariaDB) as every module wants them: pools with their hooks, transactions that
//! end explicitly, the one rule for trying again. No tables live here.

mod error;
mod pool;
mod retry;
pub mod schema;
pub mod testing;
mod transaction;

pub use error::{Error, IsDatabaseError, is_duplicate};
pub use pool::{Database, Settings};
pub use transaction::Transaction;
