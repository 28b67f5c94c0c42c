//! What the book trade says of its books: its records, and the files in which they come. Knows neither the shop's tables
//! nor its pages.

mod isbn;
pub mod record;

pub use isbn::{Isbn, Reading};
pub use record::Record;
