//! What the index knows of a book, and the tantivy fields in which it lies.

use tantivy::TantivyDocument;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};

use crate::text::{squash, tokens};
use crate::{AuthorRef, Book};

/// A book as the index takes it in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) work_id: u64,
    pub(crate) slug: String,
    pub(crate) title: String,
    /// Its original title, its series, and whatever else it may be called.
    pub(crate) other_titles: Vec<String>,
    pub(crate) authors: Vec<AuthorRef>,
    /// Subjects and publishers: they help to find a book, never to rank it.
    pub(crate) other: Vec<String>,
    pub(crate) isbns: Vec<String>,
    pub(crate) popularity: u64,
}

impl From<Book> for Entry {
    fn from(book: Book) -> Self {
        let mut other: Vec<String> = book.subjects.into_iter().map(|subject| subject.name).collect();
        let mut isbns = Vec::new();
        for edition in book.editions {
            other.push(edition.publisher);
            isbns.extend(edition.isbn13);
        }
        Self {
            work_id: book.work_id,
            slug: book.slug,
            title: book.title,
            other_titles: book.original_title.into_iter().collect(),
            authors: book.authors,
            other,
            isbns,
            popularity: book.popularity.into(),
        }
    }
}

/// The index's fields.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    pub(crate) work_id: Field,
    pub(crate) popularity: Field,
    /// Words of the title.
    pub(crate) title: Field,
    /// Words of the other titles.
    pub(crate) other_title: Field,
    /// Words of the authors' names.
    pub(crate) author: Field,
    /// Words of everything else.
    pub(crate) other: Field,
    /// Each title in one piece.
    pub(crate) whole: Field,
    /// Each title in one piece, without its article or its subtitle.
    pub(crate) short: Field,
    /// Each author's name in one piece, both ways round.
    pub(crate) whole_author: Field,
    pub(crate) isbn: Field,
    // What suggestions show.
    pub(crate) slug: Field,
    pub(crate) shown_title: Field,
    pub(crate) author_slug: Field,
    pub(crate) author_name: Field,
}

pub(crate) const WORK_ID: &str = "work_id";
pub(crate) const POPULARITY: &str = "popularity";

impl Fields {
    pub(crate) fn new() -> Self {
        let mut schema = Schema::builder();
        // Texts arrive as tokens, so the tokenizer named here only ever sees values in one piece.
        let indexing = TextFieldIndexing::default().set_tokenizer("raw");
        let words = TextOptions::default()
            .set_indexing_options(indexing.clone().set_index_option(IndexRecordOption::WithFreqs));
        let piece = TextOptions::default()
            .set_indexing_options(indexing.set_index_option(IndexRecordOption::Basic).set_fieldnorms(false));
        Self {
            work_id: schema.add_u64_field(WORK_ID, INDEXED | FAST),
            popularity: schema.add_u64_field(POPULARITY, FAST),
            title: schema.add_text_field("title", words.clone()),
            other_title: schema.add_text_field("other_title", words.clone()),
            author: schema.add_text_field("author", words.clone()),
            other: schema.add_text_field("other", words),
            whole: schema.add_text_field("whole", piece.clone()),
            short: schema.add_text_field("short", piece.clone()),
            whole_author: schema.add_text_field("whole_author", piece.clone()),
            isbn: schema.add_text_field("isbn", piece),
            slug: schema.add_text_field("slug", STORED),
            shown_title: schema.add_text_field("shown_title", STORED),
            author_slug: schema.add_text_field("author_slug", STORED),
            author_name: schema.add_text_field("author_name", STORED),
            schema: schema.build(),
        }
    }

    pub(crate) fn document(&self, entry: &Entry) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_u64(self.work_id, entry.work_id);
        document.add_u64(self.popularity, entry.popularity);
        document.add_text(self.slug, &entry.slug);
        document.add_text(self.shown_title, &entry.title);
        document.add_pre_tokenized_text(self.title, tokenized([&entry.title]));
        document.add_pre_tokenized_text(self.other_title, tokenized(&entry.other_titles));
        document.add_pre_tokenized_text(self.other, tokenized(&entry.other));
        for title in std::iter::once(&entry.title).chain(&entry.other_titles) {
            document.add_text(self.whole, squash(title));
            for short in shortened(title) {
                document.add_text(self.short, squash(short));
            }
        }
        let names = entry.authors.iter().flat_map(|author| [&author.name, &author.sort_name]);
        document.add_pre_tokenized_text(self.author, tokenized(names.clone()));
        for name in names {
            document.add_text(self.whole_author, squash(name));
        }
        for author in &entry.authors {
            document.add_text(self.author_slug, &author.slug);
            document.add_text(self.author_name, &author.name);
        }
        for isbn in &entry.isbns {
            document.add_text(self.isbn, isbn);
        }
        document
    }
}

/// The tokens of several texts, each once: a name that is given both ways round counts once.
fn tokenized<'a>(texts: impl IntoIterator<Item = &'a String>) -> PreTokenizedString {
    let mut seen = Vec::new();
    for token in texts.into_iter().flat_map(|text| tokens(text)) {
        if !seen.contains(&token) {
            seen.push(token);
        }
    }
    let tokens = seen.into_iter().enumerate().map(|(position, text)| Token { position, text, ..Token::default() });
    PreTokenizedString { text: String::new(), tokens: tokens.collect() }
}

const ARTICLES: [&str; 19] = [
    "the", "a", "an", "der", "die", "das", "ein", "eine", "le", "la", "les", "un", "une", "el", "los", "las", "il",
    "lo", "gli",
];

/// The title without its subtitle, its article, and both.
fn shortened(title: &str) -> Vec<&str> {
    let without_article = |title: &'_ str| -> Option<usize> {
        let (article, rest) = title.split_once(' ')?;
        ARTICLES.contains(&article.to_lowercase().as_str()).then_some(title.len() - rest.len())
    };
    let mut shortened = Vec::new();
    let main = title.find([':', ';', '(', '[', '/']).map(|end| title[..end].trim()).filter(|main| !main.is_empty());
    shortened.extend(main);
    for title in [Some(title), main].into_iter().flatten() {
        shortened.extend(without_article(title).map(|start| &title[start..]));
    }
    shortened
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_shortened_at_either_end() {
        assert_eq!(
            shortened("The Hobbit: or There and Back Again"),
            ["The Hobbit", "Hobbit: or There and Back Again", "Hobbit"]
        );
        assert_eq!(shortened("Emma"), Vec::<&str>::new());
        assert_eq!(shortened("(untitled)"), Vec::<&str>::new());
    }

    #[test]
    fn a_name_given_both_ways_round_counts_once() {
        let names = ["Jo Nesbø".to_owned(), "Nesbø, Jo".to_owned()];
        let tokens: Vec<String> = tokenized(&names).tokens.into_iter().map(|token| token.text).collect();
        assert_eq!(tokens, ["jo", "nesbo", "nesboe"]);
    }
}
