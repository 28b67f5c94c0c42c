//! The catalogue and finding things in it: what books there are ([`Catalogue`]), how they come in
//! ([`Importer`]), and how a shopper finds one ([`Index`]). Knows nothing of the web, of prices or of stock.

mod book;
mod catalogue;
mod find;
mod import;
mod index;

mod slug;
mod text;

pub use book::{Author, AuthorRef, Book, BookCard, Edition, EditionCard, EditionTitle, Format, Subject};
pub use catalogue::Catalogue;
pub use find::{
    DEEPEST_PAGE, Found, Hits, LARGEST_PAGE, LONGEST_TEXT, Query, SuggestedAuthor, SuggestedBook, Suggestions,
};
pub use import::{
    Difference, Fault, ImportError, ImportedOffer, Importer, Line, Refused, SHOP_FILE, ShopFile, TakenIn,
};
pub use index::{Error, Index};
pub use slug::slug;
pub use trade::{Isbn, Reading};
