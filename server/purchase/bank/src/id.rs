//! Random identifiers in Stripe's spelling.

use rand::distr::{Alphanumeric, SampleString};

/// A fresh id: the prefix and `length` random letters and digits (about 6 bits each).
pub fn fresh(prefix: &str, length: usize) -> String {
    let mut id = String::from(prefix);
    Alphanumeric.append_string(&mut rand::rng(), &mut id, length);
    id
}
