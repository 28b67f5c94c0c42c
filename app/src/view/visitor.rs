//! Who is looking, as the header shows it.

use serde::{Deserialize, Serialize};

/// Whoever looks at a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// The name on the account, when signed in.
    pub name: Option<String>,
    /// Copies in the basket.
    pub basket_count: i64,
}
