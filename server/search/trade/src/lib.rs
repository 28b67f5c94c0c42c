//! What the book trade says of its books: its records, and the files in which they come. Knows neither the shop's
//! tables nor its pages.

mod availability;
pub mod csv;
mod date;
mod encoding;
mod entry;
mod form;
mod isbn;
mod language;
mod money;
mod number;
pub mod onix;
pub mod open_library;
mod plain_text;
pub mod record;
mod series;
mod weight;

pub use entry::{Entry, Refused, Step, Unreadable};
pub use isbn::{Isbn, Reading};
pub use record::Record;
