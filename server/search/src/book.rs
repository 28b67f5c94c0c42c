//! The catalogue's records as pages show them.

use serde::Serialize;

/// A work with its editions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Book {
    /// The work's id.
    pub work_id: u64,
    /// Its name in addresses.
    pub slug: String,
    /// The title it is shown under.
    pub title: String,
    /// The title it first appeared under, where that is another.
    pub original_title: Option<String>,
    /// The language it was written in, ISO 639-1.
    pub language: String,
    /// The year of its first publication; negative before Christ.
    pub first_published: Option<i16>,
    /// What it is about, plain text.
    pub description: String,
    /// How much it is asked for, on no particular scale.
    pub popularity: u32,
    /// Who wrote it, the first named first.
    pub authors: Vec<AuthorRef>,
    /// What it is filed under, the most fitting first.
    pub subjects: Vec<Subject>,
    /// What is sold of it.
    pub editions: Vec<Edition>,
}

/// An author, as a book names one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthorRef {
    /// The author's name in addresses.
    pub slug: String,
    /// The name as printed.
    pub name: String,
    /// The name as filed: "Tolkien, J. R. R."
    pub sort_name: String,
}

/// An author's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Author {
    /// The author's name in addresses.
    pub slug: String,
    /// The name as printed.
    pub name: String,
    /// A few words about the author, plain text; may be empty.
    pub about: String,
    /// The author's books, the most asked for first.
    pub books: Vec<BookCard>,
}

/// What a book is filed under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// The subject's name in addresses.
    pub slug: String,
    /// The name as shown.
    pub name: String,
}

/// How an edition is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(rename_all = "lowercase")]
pub enum Format {
    /// In a soft cover.
    Paperback,
    /// In a hard cover.
    Hardback,
    /// Printed, and bound in another way or nobody says how.
    Printed,
    /// Not printed, and so not sold here.
    Other,
}

/// What is sold: a work in one language and one binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edition {
    /// The edition's id.
    pub id: u64,
    /// How it is bound.
    pub format: Format,
    /// The language it is printed in, ISO 639-1, or 639-2 where that has no code.
    pub language: String,
    /// Who published it; empty when not known.
    pub publisher: String,
    /// The year this edition appeared.
    pub published: Option<i16>,
    /// Thirteen digits, where it has an ISBN.
    pub isbn13: Option<String>,
}

/// A book in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookCard {
    /// The work's id.
    pub work_id: u64,
    /// Its name in addresses.
    pub slug: String,
    /// The title it is shown under.
    pub title: String,
    /// Who wrote it, the first named first.
    pub authors: Vec<AuthorRef>,
    /// The year of its first publication; negative before Christ.
    pub first_published: Option<i16>,
    /// The subject that fits it best.
    pub subject: Option<Subject>,
    /// Its editions, to ask for prices and copies.
    pub edition_ids: Vec<u64>,
}

/// An edition in a basket or an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditionCard {
    /// The edition's id.
    pub edition_id: u64,
    /// Its book's name in addresses.
    pub slug: String,
    /// Its book's title.
    pub title: String,
    /// Who wrote it, the first named first.
    pub authors: Vec<AuthorRef>,
    /// How it is bound.
    pub format: Format,
    /// The language it is printed in, ISO 639-1.
    pub language: String,
    /// The subject that fits its book best.
    pub subject: Option<Subject>,
}

/// What an edition is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditionTitle {
    /// The edition's id.
    pub edition_id: u64,
    /// Its book's id.
    pub work_id: u64,
    /// Its book's name in addresses.
    pub slug: String,
    /// Its book's title.
    pub title: String,
    /// How it is bound.
    pub format: Format,
    /// The language it is printed in, ISO 639-1.
    pub language: String,
}

impl From<Book> for BookCard {
    fn from(book: Book) -> Self {
        Self {
            work_id: book.work_id,
            slug: book.slug,
            title: book.title,
            authors: book.authors,
            first_published: book.first_published,
            subject: book.subjects.into_iter().next(),
            edition_ids: book.editions.iter().map(|edition| edition.id).collect(),
        }
    }
}
