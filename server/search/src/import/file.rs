//! A catalogue file: its shape, and everything that can be wrong with one.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use super::{Fault, ImportError};
use crate::{Format, slug};
use trade::{Isbn, Reading};

/// A whole file, checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) currency: Spanned<String>,
    #[serde(default, rename = "author")]
    pub(super) authors: Vec<Author>,
    #[serde(default, rename = "work")]
    pub(super) works: Vec<Work>,
}

/// What is known about an author beyond the name that works give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Author {
    pub(super) name: Spanned<String>,
    pub(super) sort_name: Option<String>,
    #[serde(default)]
    pub(super) about: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Work {
    pub(super) title: Spanned<String>,
    pub(super) original_title: Option<String>,
    /// For a title that no transliteration makes readable.
    pub(super) slug: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) language: String,
    pub(super) first_published: Option<i16>,
    pub(super) subjects: Vec<String>,
    #[serde(default)]
    pub(super) popularity: u32,
    pub(super) description: String,
    #[serde(default, rename = "edition")]
    pub(super) editions: Vec<Edition>,
    /// Where the entry begins.
    #[serde(skip)]
    pub(super) line: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edition {
    pub(super) key: Spanned<String>,
    pub(super) format: Format,
    pub(super) language: String,
    #[serde(default)]
    pub(super) publisher: String,
    pub(super) published: Option<i16>,
    /// In either length; thirteen digits once checked.
    pub(super) isbn: Option<String>,
    /// In minor units.
    pub(super) price: i64,
    pub(super) copies: u32,
    /// In grams.
    weight: Option<u32>,
}

impl Edition {
    /// The weight of one copy in grams: as the file says, else what is usual for its format.
    pub(super) fn weight_g(&self) -> u32 {
        self.weight.unwrap_or(match self.format {
            Format::Paperback => 300,
            Format::Hardback => 600,
        })
    }
}

/// Reads a file, and refuses it with all its faults at once.
pub(super) fn read(text: &str) -> Result<File, ImportError> {
    let mut file: File = toml::from_str(text)?;
    let mut check = Check { text, line: 1, faults: Vec::new() };
    check.file(&mut file);
    if check.faults.is_empty() { Ok(file) } else { Err(ImportError::Invalid(check.faults)) }
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

    fn file(&mut self, file: &mut File) {
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
        match read(text) {
            Err(ImportError::Invalid(faults)) => faults.iter().map(Fault::to_string).collect(),
            other => panic!("expected faults, got {other:?}"),
        }
    }

    #[test]
    fn the_shortest_file_is_read() {
        let file = read(SHORTEST).expect("valid");
        assert_eq!(file.works[0].line, 4);
        assert_eq!(file.works[0].editions[0].isbn, None);
    }

    #[test]
    fn the_demo_catalogue_is_free_of_faults() {
        let file = read(include_str!("../../catalogue.toml")).expect("valid");
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
        let error = read(&SHORTEST.replace("copies", "stock")).expect_err("refused");
        assert!(error.to_string().contains("stock"), "{error}");
    }
}
