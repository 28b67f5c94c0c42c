//! The dumps of Open Library: five columns, of which the last is JSON. <https://openlibrary.org/developers/dumps>

mod json;

use std::io::Read;

use serde_json::Value;

use crate::encoding::{Decoded, Line, Lines, UNDECODABLE};
use crate::entry::quoted;
use crate::isbn::{Isbn, Reading};
use crate::record::{
    Contributor, Description, Person, Product, Publishing, Record, Role, SeriesPart, Subject, Texts, Work,
};
use crate::{Entry, Refused, Step, Unreadable, date, form, language, number, series, weight};
use json::{keys, line, lines, paragraphs};

/// No line may be longer, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Reads authors, works and editions of a dump; what else it holds is passed over.
pub struct Reader<R> {
    lines: Lines<R>,
    ended: bool,
}

impl<R: Read> Reader<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// When the file cannot be got at.
    pub fn new(file: R) -> Result<Self, Unreadable> {
        let source = Decoded::new(file, |_| None).map_err(|source| Unreadable::Io { line: 1, source })?;
        Ok(Self { lines: Lines::new(source, LONGEST), ended: false })
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        while !self.ended {
            let found = self.lines.next().map(|line| match line? {
                Line::TooLong => Some(Err(Fault::from("the line is longer than 1 MiB"))),
                Line::Text(bytes) => Some(record(bytes)),
            });
            let line = self.lines.number();
            match found {
                Ok(Some(Ok(Some((record, remarks))))) => return Some(Ok(Ok(Entry { line, record, remarks }))),
                Ok(Some(Ok(None))) => {}
                Ok(Some(Err(Fault { key, reason }))) => return Some(Ok(Err(Refused { line, key, reason }))),
                Ok(None) => self.ended = true,
                Err(source) => {
                    self.ended = true;
                    return Some(Err(Unreadable::Io { line, source }));
                }
            }
        }
        None
    }
}

/// Why a line is refused, and its key if it got so far.
struct Fault {
    key: Option<String>,
    reason: String,
}

impl From<&str> for Fault {
    fn from(reason: &str) -> Self {
        Self { key: None, reason: reason.to_owned() }
    }
}

/// The record of a line with its remarks, if it has one.
fn record(bytes: &[u8]) -> Result<Option<(Record, Vec<String>)>, Fault> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains(UNDECODABLE));
    let text = text.ok_or("the line has bytes that are not UTF-8")?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let columns: Vec<&str> = text.splitn(5, '\t').collect();
    let &[kind, key, _, _, json] = columns.as_slice() else {
        let reason = format!("the line has not five columns separated by tabs, but begins with {}", quoted(columns[0]));
        return Err(Fault { key: None, reason });
    };
    let refused = |reason: String| Fault { key: Some(key.to_owned()), reason };
    match kind {
        // What an edition's key leads to now has a line of its own.
        "/type/redirect" | "/type/delete" if key.starts_with("/books/") => {
            return Ok(Some((Record::Withdrawn { key: key.to_owned() }, Vec::new())));
        }
        "/type/author" | "/type/work" | "/type/edition" => {}
        _ => return Ok(None),
    }
    let value: Value = serde_json::from_str(json).map_err(|error| refused(format!("the JSON is faulty: {error}")))?;
    match value.get("key").and_then(Value::as_str) {
        Some(named) if named == key => {}
        named => {
            let named = named.map_or("none".to_owned(), quoted);
            return Err(refused(format!("the line's key is {}, and that of its JSON {named}", quoted(key))));
        }
    }
    let mut remarks = Vec::new();
    let record = match kind {
        "/type/author" => author(key, &value).map(Record::Contributor),
        "/type/work" => work(key, &value, &mut remarks).map(Record::Work),
        _ => edition(key, &value, &mut remarks).map(|product| Record::Product(Box::new(product))),
    };
    record.map(|record| Some((record, remarks))).map_err(|reason| refused(reason.to_owned()))
}

fn author(key: &str, value: &Value) -> Result<Person, &'static str> {
    let name = line(value, "name").ok_or("the author has no name")?;
    let mut other_names: Vec<String> = Vec::new();
    for other in lines(value, "alternate_names").into_iter().chain(line(value, "fuller_name")) {
        if other != name && !other_names.contains(&other) {
            other_names.push(other);
        }
    }
    Ok(Person {
        key: Some(key.to_owned()),
        sort_name: line(value, "personal_name").filter(|filed| filed.contains(", ") && *filed != name),
        other_names,
        about: paragraphs(value, "bio"),
        name,
    })
}

fn work(key: &str, value: &Value, remarks: &mut Vec<String>) -> Result<Work, &'static str> {
    Ok(Work {
        key: key.to_owned(),
        title: title(value).ok_or("the work has no title")?,
        subtitle: line(value, "subtitle"),
        contributors: authors(value),
        subjects: subjects(value),
        first_published: understood(value, "first_publish_date", date::free, remarks).map(|date| date.year),
        about: paragraphs(value, "description"),
    })
}

fn edition(key: &str, value: &Value, remarks: &mut Vec<String>) -> Result<Product, &'static str> {
    let languages = |field: &str, remarks: &mut Vec<String>| {
        let mut languages: Vec<String> = Vec::new();
        for key in keys(value, field) {
            match language::code(key.trim_start_matches("/languages/")) {
                Some(code) if !languages.contains(&code) => languages.push(code),
                Some(_) => {}
                None if key.ends_with("/und") || key.ends_with("/zxx") => {}
                None => remarks.push(format!("{field} is not understood: {}", quoted(&key))),
            }
        }
        languages
    };
    let title = title(value).ok_or("the edition has no title")?;
    let description = Description {
        form: line(value, "physical_format").map(|words| form::of_words(&words)).unwrap_or_default(),
        subtitle: line(value, "subtitle"),
        original_title: line(value, "translation_of").filter(|original| *original != title),
        slug: None,
        title,
        contributors: authors(value),
        series: series(value),
        subjects: subjects(value),
        languages: languages("languages", remarks),
        original_language: languages("translated_from", remarks).into_iter().next(),
        pages: understood(value, "number_of_pages", |text| number::pages(text).map(Some).or(no_pages(text)), remarks)
            .flatten(),
        weight_g: understood(value, "weight", weight::grams, remarks),
        first_published: None,
        popularity: None,
    };
    Ok(Product {
        key: key.to_owned(),
        isbn: isbn(value, remarks),
        work_key: keys(value, "works").into_iter().next(),
        description: Some(description),
        texts: Some(Texts { about: paragraphs(value, "description") }),
        publishing: Some(Publishing {
            publisher: lines(value, "publishers").into_iter().next(),
            published: understood(value, "publish_date", date::free, remarks),
            ..Publishing::default()
        }),
        supply: None,
    })
}

/// Nought pages are not known ones.
fn no_pages(text: &str) -> Option<Option<u32>> {
    (number::count(text) == Some(0)).then_some(None)
}

/// A field that is understood, or a remark.
fn understood<T>(value: &Value, field: &str, read: impl Fn(&str) -> Option<T>, remarks: &mut Vec<String>) -> Option<T> {
    let text = line(value, field)?;
    let found = read(&text);
    if found.is_none() {
        remarks.push(format!("{field} is not understood: {}", quoted(&text)));
    }
    found
}

/// The title, with an article that older records keep apart.
fn title(value: &Value) -> Option<String> {
    let title = line(value, "title")?;
    Some(match line(value, "title_prefix") {
        Some(prefix) if prefix.ends_with(['\'', '’']) => prefix + &title,
        Some(prefix) => format!("{prefix} {title}"),
        None => title,
    })
}

/// Authors are told by key alone: their names are in lines of their own.
fn authors(value: &Value) -> Vec<Contributor> {
    let person = |key| Person { key: Some(key), ..Person::default() };
    keys(value, "authors").into_iter().map(|key| Contributor { role: Role::Author, person: person(key) }).collect()
}

fn subjects(value: &Value) -> Vec<Subject> {
    lines(value, "subjects").into_iter().map(Subject::Heading).collect()
}

/// Series, of which one may be cut in two: "Modern cell biology ;", "v. 17".
fn series(value: &Value) -> Vec<SeriesPart> {
    let mut whole: Vec<String> = Vec::new();
    for text in lines(value, "series") {
        match whole.last_mut().filter(|before| before.ends_with([';', ','])) {
            Some(before) => {
                before.push(' ');
                before.push_str(&text);
            }
            None => whole.push(text),
        }
    }
    whole.iter().map(|text| series::part(text)).filter(|part| !part.title.is_empty()).collect()
}

fn isbn(value: &Value, remarks: &mut Vec<String>) -> Option<Isbn> {
    let mut wrong = None;
    for text in ["isbn_13", "isbn_10"].iter().flat_map(|field| lines(value, field)) {
        // Two in one text are told apart.
        for text in text.split([',', ';']) {
            match Isbn::read(text) {
                Reading::Valid(isbn) => return Some(isbn),
                Reading::Wrong => wrong = wrong.or(Some(format!("the ISBN has a wrong check digit: {}", quoted(text)))),
                Reading::Other => wrong = wrong.or(Some(format!("the ISBN is none: {}", quoted(text)))),
            }
        }
    }
    remarks.extend(wrong);
    None
}

#[cfg(test)]
mod tests;
