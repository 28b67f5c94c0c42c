//! Mappings for files that many shops have.

/// A shop's own list, in the columns that Octavo proposes; all but the key may be missing.
pub const OCTAVO: &str = include_str!("octavo.toml");

/// What Goodreads gives who exports their library.
pub const GOODREADS: &str = include_str!("goodreads.toml");

/// `books.csv` of goodbooks-10k, and files like it.
pub const GOODBOOKS: &str = include_str!("goodbooks.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::Mapping;

    #[test]
    fn the_ready_mappings_work() {
        for toml in [OCTAVO, GOODREADS, GOODBOOKS] {
            Mapping::read(toml).expect("valid");
        }
    }
}
