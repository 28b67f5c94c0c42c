//! The shop's own catalogue file, which people write: its shape, and everything that can be wrong with one.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::Deserialize;
use toml::Spanned;
use trade::record::{
    Contributor, Description, Form, PartialDate, Person, Price, Product, Publishing, Role, Subject, Supply, Texts,
};
use trade::{Isbn, Reading, Record};

use super::{ImportError, Line};
use crate::{Format, slug};

/// What is wrong with an entry of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line where the entry begins, from 1.
    pub line: usize,
    /// Which of its fields.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, {}: {}", self.line, self.field, self.problem)
    }
}

/// A whole file, checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopFile {
    currency: Spanned<String>,
    #[serde(default, rename = "author")]
    authors: Vec<Author>,
    #[serde(default, rename = "work")]
    works: Vec<Work>,
}

/// What is known about an author beyond the name that works give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Author {
    name: Spanned<String>,
    sort_name: Option<String>,
    #[serde(default)]
    about: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Work {
    title: Spanned<String>,
    original_title: Option<String>,
    /// For a title that no transliteration makes readable.
    slug: Option<String>,
    authors: Vec<String>,
    language: String,
    first_published: Option<i16>,
    subjects: Vec<String>,
    #[serde(default)]
    popularity: u32,
    description: String,
    #[serde(default, rename = "edition")]
    editions: Vec<Edition>,
    /// Where the entry begins.
    #[serde(skip)]
    line: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edition {
    key: Spanned<String>,
    format: Format,
    language: String,
    #[serde(default)]
    publisher: String,
    published: Option<i16>,
    /// In either length; thirteen digits once checked.
    isbn: Option<String>,
    /// In minor units.
    price: i64,
    copies: u32,
    /// In grams.
    weight: Option<u32>,
}

impl ShopFile {
    /// Reads a file, and refuses it with all its faults at once.
    ///
    /// # Errors
    /// [`ImportError::Syntax`], [`ImportError::Invalid`].
    pub fn read(text: &str) -> Result<Self, ImportError> {
        let mut file: Self = toml::from_str(text)?;
        let mut check = Check { text, line: 1, faults: Vec::new() };
        check.file(&mut file);
        if check.faults.is_empty() { Ok(file) } else { Err(ImportError::Invalid(check.faults)) }
    }

    /// Its records: authors, then every edition with all that is said of its work.
    #[must_use]
    pub fn records(&self) -> Vec<Line> {
        let authors = self.authors.iter().map(|author| Line { line: 0, record: author.record() });
        let products = self.works.iter().flat_map(|work| {
            work.editions.iter().map(|edition| Line {
                line: work.line as u64,
                record: Record::Product(Box::new(self.product(work, edition))),
            })
        });
        authors.chain(products).collect()
    }

    fn product(&self, work: &Work, edition: &Edition) -> Product {
        let isbn = match edition.isbn.as_deref().map(Isbn::read) {
            Some(Reading::Valid(isbn)) => Some(isbn),
            _ => None,
        };
        let author = |name: &String| Contributor { role: Role::Author, person: named(name) };
        Product {
            key: edition.key.get_ref().clone(),
            isbn,
            // A work is known by its first edition.
            work_key: work.editions.first().map(|first| first.key.get_ref().clone()),
            description: Some(Description {
                form: match edition.format {
                    Format::Paperback => Form::Paperback,
                    Format::Hardback => Form::Hardback,
                    Format::Printed => Form::Printed,
                    Format::Other => Form::Other,
                },
                title: work.title.get_ref().clone(),
                original_title: work.original_title.clone(),
                slug: work.slug.clone(),
                contributors: work.authors.iter().map(author).collect(),
                subjects: work.subjects.iter().cloned().map(Subject::Heading).collect(),
                languages: vec![edition.language.clone()],
                original_language: Some(work.language.clone()),
                weight_g: edition.weight,
                first_published: work.first_published,
                popularity: Some(work.popularity),
                ..Description::default()
            }),
            texts: Some(Texts { about: Some(work.description.clone()) }),
            publishing: Some(Publishing {
                publisher: Some(edition.publisher.clone()).filter(|name| !name.is_empty()),
                published: edition.published.map(|year| PartialDate { year, month: None, day: None }),
                ..Publishing::default()
            }),
            supply: Some(Supply {
                price: Some(Price { minor: edition.price, currency: self.currency.get_ref().clone() }),
                copies: Some(edition.copies),
                ..Supply::default()
            }),
        }
    }
}

impl Author {
    fn record(&self) -> Record {
        let about = Some(self.about.clone()).filter(|about| !about.is_empty());
        Record::Contributor(Person { sort_name: self.sort_name.clone(), about, ..named(self.name.get_ref()) })
    }
}

fn named(name: &str) -> Person {
    Person { name: name.to_owned(), ..Person::default() }
}

struct Check<'a> {
    text: &'a str,
    line: usize,
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn fault(&mut self, field: &'static str, problem: impl Into<String>) {
        self.faults.push(Fault { line: self.line, field, problem: problem.into() });
    }

    /// Faults from here on belong to the entry of which this is a part.
    fn at<T>(&mut self, part: &Spanned<T>) -> usize {
        self.line = self.text.as_bytes()[..part.span().start].iter().filter(|&&byte| byte == b'\n').count() + 1;
        self.line
    }

    fn text(&mut self, field: &'static str, value: &str, longest: usize) {
        if value.trim().is_empty() {
            self.fault(field, "must not be empty");
        } else if value.trim() != value {
            self.fault(field, "must not begin or end with a space");
        } else if value.chars().count() > longest {
            self.fault(field, format!("must not be longer than {longest} characters"));
        }
    }

    fn language(&mut self, value: &str) {
        if !(value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_lowercase())) {
            self.fault("language", format!("must be two lower-case letters (ISO 639-1), not {value:?}"));
        }
    }

    fn file(&mut self, file: &mut ShopFile) {
        self.at(&file.currency);
        let currency = file.currency.get_ref();
        if !(currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase())) {
            self.fault("currency", format!("must be three capital letters (ISO 4217), not {currency:?}"));
        }
        let mut described = HashSet::new();
        let mut spellings = HashMap::new();
        for author in &file.authors {
            self.at(&author.name);
            self.author(author.name.get_ref(), &mut spellings);
            if let Some(sort_name) = &author.sort_name {
                self.text("sort_name", sort_name, 300);
            }
            if !described.insert(author.name.get_ref()) {
                self.fault("name", "this author has another entry");
            }
        }
        let mut slugs = HashSet::new();
        let mut keys = HashSet::new();
        let mut isbns = HashSet::new();
        for work in &mut file.works {
            work.line = self.at(&work.title);
            self.work(work, &mut spellings, &mut slugs);
            for edition in &mut work.editions {
                self.at(&edition.key);
                self.edition(edition);
                if !keys.insert(edition.key.get_ref().clone()) {
                    self.fault("key", format!("{:?} is the key of another edition", edition.key.get_ref()));
                }
                if edition.isbn.as_ref().is_some_and(|isbn| !isbns.insert(isbn.clone())) {
                    self.fault("isbn", "is the ISBN of another edition");
                }
            }
        }
    }

    /// An author is known by the slug of the name, so a name may be spelled in one way only.
    fn author(&mut self, name: &str, spellings: &mut HashMap<String, String>) {
        self.text("authors", name, 300);
        let known = spellings.entry(slug(name)).or_insert_with(|| name.to_owned());
        if known != name {
            let problem = format!("{name:?} is spelled {known:?} elsewhere");
            self.fault("authors", problem);
        }
    }

    fn work(&mut self, work: &Work, spellings: &mut HashMap<String, String>, slugs: &mut HashSet<String>) {
        self.text("title", work.title.get_ref(), 500);
        if let Some(original) = &work.original_title {
            self.text("original_title", original, 500);
        }
        if let Some(chosen) = &work.slug {
            if slug(chosen) != *chosen {
                self.fault("slug", "must be lower-case ASCII words joined by hyphens");
            }
            if !slugs.insert(chosen.clone()) {
                self.fault("slug", "is the slug of another work");
            }
        }
        self.language(&work.language);
        self.text("description", &work.description, 10_000);
        for name in &work.authors {
            self.author(name, spellings);
        }
        if has_twice(&work.authors) {
            self.fault("authors", "names an author twice");
        }
        for subject in &work.subjects {
            self.text("subjects", subject, 120);
        }
        if work.subjects.is_empty() {
            self.fault("subjects", "must name at least one");
        }
        if has_twice(&work.subjects) {
            self.fault("subjects", "names a subject twice");
        }
        if work.editions.is_empty() {
            self.fault("edition", "must have at least one");
        }
    }

    fn edition(&mut self, edition: &mut Edition) {
        self.text("key", edition.key.get_ref(), 120);
        self.language(&edition.language);
        if !edition.publisher.is_empty() {
            self.text("publisher", &edition.publisher, 200);
        }
        if edition.price < 0 {
            self.fault("price", "must not be negative");
        }
        if i32::try_from(edition.copies).is_err() {
            self.fault("copies", "are more than can be counted");
        }
        if let Some(isbn) = &mut edition.isbn {
            match Isbn::read(isbn) {
                Reading::Valid(valid) => *isbn = valid.to_string(),
                Reading::Wrong => self.fault("isbn", "has a wrong check digit"),
                Reading::Other => self.fault("isbn", "must have ten or thirteen digits"),
            }
        }
    }
}

fn has_twice(names: &[String]) -> bool {
    let mut seen = HashSet::new();
    !names.iter().all(|name| seen.insert(slug(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORTEST: &str = r#"
currency = "EUR"
[[work]]
title = "Emma"
authors = ["Jane Austen"]
language = "en"
subjects = ["Fiction"]
description = "A matchmaker mistakes every heart, her own included."
[[work.edition]]
key = "emma"
format = "paperback"
language = "en"
price = 999
copies = 3
"#;

    fn faults(text: &str) -> Vec<String> {
        match ShopFile::read(text) {
            Err(ImportError::Invalid(faults)) => faults.iter().map(Fault::to_string).collect(),
            other => panic!("expected faults, got {other:?}"),
        }
    }

    #[test]
    fn the_shortest_file_is_read() {
        let file = ShopFile::read(SHORTEST).expect("valid");
        assert_eq!(file.works[0].line, 4);
        assert_eq!(file.works[0].editions[0].isbn, None);
    }

    #[test]
    fn the_demo_catalogue_is_free_of_faults() {
        let file = ShopFile::read(include_str!("../../catalogue.toml")).expect("valid");
        assert!(file.works.len() >= 60);
    }

    #[test]
    fn every_fault_is_named_with_its_line_and_field() {
        let text = SHORTEST
            .replace("\"EUR\"", "\"euro\"")
            .replace("title = \"Emma\"", "title = \" \"")
            .replace("price = 999", "price = -1\nisbn = \"978-0-14-143951-9\"");
        assert_eq!(
            faults(&text),
            [
                "line 2, currency: must be three capital letters (ISO 4217), not \"euro\"",
                "line 4, title: must not be empty",
                "line 10, price: must not be negative",
                "line 10, isbn: has a wrong check digit",
            ]
        );
    }

    #[test]
    fn an_author_is_spelled_in_one_way() {
        let text = format!("{SHORTEST}[[author]]\nname = \"Jane Austén\"\n");
        assert_eq!(faults(&text), ["line 4, authors: \"Jane Austen\" is spelled \"Jane Austén\" elsewhere"]);
    }

    #[test]
    fn a_key_names_one_edition() {
        let edition = SHORTEST.split_once("[[work.edition]]").expect("an edition").1;
        let text = format!("{SHORTEST}[[work.edition]]{edition}");
        assert_eq!(faults(&text), ["line 16, key: \"emma\" is the key of another edition"]);
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let error = ShopFile::read(&SHORTEST.replace("copies", "stock")).expect_err("refused");
        assert!(error.to_string().contains("stock"), "{error}");
    }
}
