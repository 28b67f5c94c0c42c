//! Suggestions for a text that is still being typed.

use tantivy::schema::Value;
use tantivy::{DocAddress, Searcher, TantivyDocument};

use super::clause::{self, Clause};
use super::engine::Engine;
use super::question::Question;
use super::schema::Fields;
use crate::find::{LONGEST_TEXT, SuggestedAuthor, SuggestedBook, Suggestions};
use trade::{Isbn, Reading};

/// So many books are looked through for their authors.
const BOOKS_OF_AUTHORS: usize = 50;

/// What the index keeps of a book to show.
pub(super) struct Shown {
    slug: String,
    title: String,
    authors: Vec<SuggestedAuthor>,
}

impl Shown {
    /// Everything in it that can be searched for.
    pub(super) fn text(&self) -> String {
        let mut text = self.title.clone();
        for author in &self.authors {
            text.push(' ');
            text.push_str(&author.name);
        }
        text
    }
}

impl From<Shown> for SuggestedBook {
    fn from(shown: Shown) -> Self {
        let author = shown.authors.into_iter().next().map(|author| author.name).unwrap_or_default();
        Self { slug: shown.slug, title: shown.title, author }
    }
}

impl Engine {
    pub(crate) fn suggest(&self, text: &str, limit: usize) -> tantivy::Result<Suggestions> {
        if limit == 0 || text.chars().count() > LONGEST_TEXT {
            return Ok(Suggestions::default());
        }
        let searcher = self.searcher();
        match Isbn::read(text) {
            Reading::Valid(isbn) => {
                let books = self.suggested_books(&searcher, &self.by_isbn(&isbn), limit)?;
                return Ok(Suggestions { books, authors: Vec::new() });
            }
            Reading::Wrong => return Ok(Suggestions::default()),
            Reading::Other => {}
        }
        let Some(question) = Question::read(text) else { return Ok(Suggestions::default()) };
        for exact in question.exact(self.fields()) {
            let books = self.suggested_books(&searcher, &exact, limit)?;
            if !books.is_empty() {
                let authors = self.suggested_authors(&searcher, &question, limit)?;
                return Ok(Suggestions { books, authors });
            }
        }
        let guess = question.guess(self.fields(), &searcher, true)?;
        for nearest in guess.queries(self.fields()) {
            let books = self.suggested_books(&searcher, &nearest, limit)?;
            if let Some(first) = books.first() {
                let meant = guess.corrected(&format!("{} {}", first.title, first.author));
                let authors = match meant.as_deref().and_then(Question::read) {
                    Some(meant) => self.suggested_authors(&searcher, &meant, limit)?,
                    None => Vec::new(),
                };
                return Ok(Suggestions { books, authors });
            }
        }
        Ok(Suggestions::default())
    }

    fn suggested_books(
        &self,
        searcher: &Searcher,
        query: &dyn tantivy::query::Query,
        limit: usize,
    ) -> tantivy::Result<Vec<SuggestedBook>> {
        let (found, _) = self.ranked(searcher, query, 0, limit)?;
        found.into_iter().map(|address| Ok(self.shown(searcher, address)?.into())).collect()
    }

    /// Authors whose names have every word of the question, those of the likeliest books first.
    fn suggested_authors(
        &self,
        searcher: &Searcher,
        question: &Question,
        limit: usize,
    ) -> tantivy::Result<Vec<SuggestedAuthor>> {
        let (found, _) = self.ranked(searcher, &question.author(self.fields()), 0, BOOKS_OF_AUTHORS)?;
        let mut authors: Vec<SuggestedAuthor> = Vec::new();
        for address in found {
            for author in self.shown(searcher, address)?.authors {
                if question.names(&author.name) && !authors.contains(&author) {
                    authors.push(author);
                }
            }
        }
        authors.truncate(limit);
        Ok(authors)
    }

    pub(super) fn shown(&self, searcher: &Searcher, address: DocAddress) -> tantivy::Result<Shown> {
        let document: TantivyDocument = searcher.doc(address)?;
        let texts = |field| document.get_all(field).filter_map(|value| value.as_str()).map(str::to_owned);
        let fields = self.fields();
        let authors = texts(fields.author_slug).zip(texts(fields.author_name));
        Ok(Shown {
            slug: texts(fields.slug).next().unwrap_or_default(),
            title: texts(fields.shown_title).next().unwrap_or_default(),
            authors: authors.map(|(slug, name)| SuggestedAuthor { slug, name }).collect(),
        })
    }
}

impl Question {
    /// Books of an author with all these words in the name.
    fn author(&self, fields: &Fields) -> Clause {
        clause::all_of(
            self.words
                .iter()
                .map(|asked| {
                    let mut ways: Vec<Clause> = asked
                        .word
                        .forms
                        .iter()
                        .map(|form| {
                            clause::all_of(form.iter().map(|token| clause::term(fields.author, token)).collect())
                        })
                        .collect();
                    if asked.unfinished {
                        ways.push(clause::prefix(fields.author, &asked.word.joined));
                    }
                    clause::best_of(ways)
                })
                .collect(),
        )
    }

    /// Whether a name has all these words.
    fn names(&self, name: &str) -> bool {
        let tokens = crate::text::tokens(name);
        self.words.iter().all(|asked| {
            asked.word.forms.iter().any(|form| form.iter().all(|token| tokens.contains(token)))
                || (asked.unfinished && tokens.iter().any(|token| token.starts_with(&asked.word.joined)))
        })
    }
}
