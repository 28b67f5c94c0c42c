//! Books, authors and what is found.

use serde::{Deserialize, Serialize};

use super::Price;

/// Somebody who wrote a book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The address of their page: `/author/{slug}`.
    pub slug: String,
    /// As printed on the book.
    pub name: String,
}

/// What a book is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// Whether copies can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Availability {
    /// Enough of them.
    InStock,
    /// So few that it is worth saying.
    FewLeft {
        /// How many.
        left: i32,
    },
    /// None.
    SoldOut,
    /// This edition is listed but has no price.
    NotSold,
}

/// A book in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookCard {
    /// The address of its page: `/book/{slug}`.
    pub slug: String,
    /// The title.
    pub title: String,
    /// Who wrote it.
    pub authors: Vec<Author>,
    /// Year of first publication; before our era negative.
    pub first_published: Option<i16>,
    /// Its first subject; decides the colour of the drawn cover.
    pub subject: Option<Subject>,
    /// The price of the cheapest edition that is sold.
    pub price: Option<Price>,
    /// Of its editions together.
    pub availability: Availability,
}

/// What is sold of a book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// Its id, for the basket.
    pub id: u64,
    /// "Paperback" or "Hardback".
    pub format: String,
    /// Name of its language, in English.
    pub language: String,
    /// Who published it; may be empty.
    pub publisher: String,
    /// Year of this edition.
    pub published: Option<i16>,
    /// Thirteen digits.
    pub isbn13: Option<String>,
    /// What a copy costs.
    pub price: Option<Price>,
    /// Whether copies can be had.
    pub availability: Availability,
}

/// A book's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// The address of its page.
    pub slug: String,
    /// The title.
    pub title: String,
    /// The title in the language it was written in, when that is another one.
    pub original_title: Option<String>,
    /// Who wrote it.
    pub authors: Vec<Author>,
    /// Year of first publication; before our era negative.
    pub first_published: Option<i16>,
    /// A few sentences.
    pub description: String,
    /// What it is about.
    pub subjects: Vec<Subject>,
    /// What is sold of it.
    pub editions: Vec<Edition>,
    /// More by its authors.
    pub related: Vec<BookCard>,
}

/// An author's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorPage {
    /// As printed on the books.
    pub name: String,
    /// A few sentences; may be empty.
    pub about: String,
    /// Their books.
    pub books: Vec<BookCard>,
}

/// A row of books on the home page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    /// Its heading.
    pub title: String,
    /// The subject it shows, if it is one's.
    pub subject: Option<Subject>,
    /// What stands on it.
    pub books: Vec<BookCard>,
}

/// The home page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// Shelves, top to bottom.
    pub shelves: Vec<Shelf>,
    /// All subjects.
    pub subjects: Vec<Subject>,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchResults {
    /// What was asked, as typed.
    pub query: String,
    /// How many books there are in all.
    pub total: u64,
    /// The page shown, from 1.
    pub page: u32,
    /// How many pages there are.
    pub pages: u32,
    /// Whether these are only the nearest matches, found after correcting what was typed.
    pub nearest: bool,
    /// The books of this page.
    pub books: Vec<BookCard>,
}

/// One suggestion while typing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Where it leads.
    pub href: String,
    /// The title or the name.
    pub text: String,
    /// A book's author; empty for authors.
    pub detail: String,
}

/// What is suggested while typing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestions {
    /// Books.
    pub books: Vec<Suggestion>,
    /// Authors.
    pub authors: Vec<Suggestion>,
}
