//! One row of a CSV file to a product.

use std::collections::BTreeMap;

use super::mapping::{Block, Defaults, Field, Part};
use super::rows::Row;
use crate::encoding::UNDECODABLE;
use crate::entry::quoted;
use crate::isbn::{Isbn, Reading};
use crate::record::{Contributor, Description, Person, Product, Publishing, Role, SeriesPart, Subject, Supply, Texts};
use crate::{availability, date, form, language, money, number, plain_text, series, weight};

/// The shortest ISBN-10 that is still one after a spreadsheet has taken its leading zeros.
const SHORTEST_ISBN: usize = 7;

/// Where the fields are, once the header is known: a column's place from 0, and how it is read.
pub(super) type Places = BTreeMap<Field, Vec<(usize, Part)>>;

pub(super) struct Fields<'a> {
    pub(super) row: &'a Row<'a>,
    pub(super) places: &'a Places,
    pub(super) defaults: &'a Defaults,
}

impl Fields<'_> {
    /// The row's key, if there is one.
    pub(super) fn key(&self) -> Option<String> {
        self.one(Field::Key)
    }

    /// The product, or why there is none. What could not be used goes to `remarks`; what is about money and stock, or
    /// forbids to sell, is refused instead, since to leave it out would change what it was.
    pub(super) fn product(&self, encoding: &str, remarks: &mut Vec<String>) -> Result<Product, String> {
        if (0..self.row.width()).any(|at| self.row.field(at).contains(UNDECODABLE)) {
            return Err(format!("the row has bytes that are not {encoding}"));
        }
        let key = self.key().ok_or("the key is empty")?;
        Ok(Product {
            key,
            isbn: self.isbn(remarks),
            work_key: self.one(Field::WorkKey),
            description: self.has(Block::Description).then(|| self.description(remarks)).transpose()?,
            texts: self.has(Block::Texts).then(|| self.texts()),
            publishing: self.has(Block::Publishing).then(|| self.publishing(remarks)).transpose()?,
            supply: self.has(Block::Supply).then(|| self.supply(remarks)).transpose()?,
        })
    }

    fn has(&self, block: Block) -> bool {
        self.places.keys().any(|field| field.block() == Some(block))
    }

    /// The columns of a field that are not empty.
    fn cells(&self, field: Field) -> impl Iterator<Item = (&str, &Part)> {
        let places = self.places.get(&field).map_or(&[][..], Vec::as_slice);
        places.iter().map(|(at, part)| (cell(self.row.field(*at)), part)).filter(|(text, _)| !text.is_empty())
    }

    fn one(&self, field: Field) -> Option<String> {
        self.cells(field).find_map(|(text, _)| plain_text::some_line(text))
    }

    /// The values of a list, in order and each once.
    fn each(&self, field: Field) -> Vec<(String, &Part)> {
        let mut values: Vec<(String, &Part)> = Vec::new();
        for (text, part) in self.cells(field) {
            for value in split(text, part.between.as_slice()) {
                let value = plain_text::line(value);
                if !value.is_empty() && !values.iter().any(|(known, _)| *known == value) {
                    values.push((value, part));
                }
            }
        }
        values
    }

    /// A field that is understood, or a remark.
    fn read<T>(&self, field: Field, read: impl Fn(&str) -> Option<T>, remarks: &mut Vec<String>) -> Option<T> {
        let text = self.one(field)?;
        let value = read(&text);
        if value.is_none() {
            remarks.push(format!("{field} is not understood: {}", quoted(&text)));
        }
        value
    }

    /// A field that is understood, or the row is refused.
    fn read_or_refuse<T>(&self, field: Field, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
        let Some(text) = self.one(field) else { return Ok(None) };
        read(&text).map(Some).ok_or_else(|| format!("{field} is not understood: {}", quoted(&text)))
    }

    /// The first that is valid. A wrong one is not stored, but the row is a book all the same.
    fn isbn(&self, remarks: &mut Vec<String>) -> Option<Isbn> {
        let (mut wrong, mut other) = (None, None);
        for (text, _) in self.cells(Field::Isbn) {
            match isbn(text) {
                Reading::Valid(isbn) => return Some(isbn),
                Reading::Wrong => wrong = wrong.or(Some(("has a wrong check digit", text))),
                Reading::Other => other = other.or(Some(("is none", text))),
            }
        }
        remarks.extend(wrong.or(other).map(|(problem, text)| format!("isbn {problem}: {}", quoted(text))));
        None
    }

    fn description(&self, remarks: &mut Vec<String>) -> Result<Description, String> {
        let (title, subtitle, mut series) = self.title()?;
        series.extend(self.series());
        let mut languages: Vec<String> = Vec::new();
        for (text, _) in self.each(Field::Language) {
            match language::code(&text) {
                Some(code) if !languages.contains(&code) => languages.push(code),
                Some(_) => {}
                None => remarks.push(format!("language is not understood: {}", quoted(&text))),
            }
        }
        if languages.is_empty() {
            languages.extend(self.defaults.language.as_deref().and_then(language::code));
        }
        let form = self.one(Field::Format).or_else(|| self.defaults.format.clone());
        Ok(Description {
            form: form.map(|form| form::of_words(&form)).unwrap_or_default(),
            title,
            subtitle: self.one(Field::Subtitle).or(subtitle),
            original_title: self.one(Field::OriginalTitle),
            slug: None,
            contributors: self.contributors(),
            series,
            subjects: self.each(Field::Subjects).into_iter().map(|(text, _)| Subject::Heading(text)).collect(),
            languages,
            original_language: self.read(Field::OriginalLanguage, language::code, remarks),
            pages: self.read(Field::Pages, positive(number::pages), remarks).flatten(),
            weight_g: self.read(Field::Weight, positive(weight::grams), remarks).flatten(),
            first_published: self.read(
                Field::FirstPublished,
                |text| date::year(text).or_else(|| Some(date::free(text)?.year)),
                remarks,
            ),
            popularity: self.read(Field::Popularity, number::count, remarks),
        })
    }

    /// The title, and what else stands in its column.
    fn title(&self) -> Result<(String, Option<String>, Vec<SeriesPart>), String> {
        let written = self.cells(Field::Title).find_map(|(text, part)| Some((plain_text::some_line(text)?, part)));
        let (written, part) = written.ok_or("the title is empty")?;
        let (title, series) = if part.series { series::out_of_title(&written) } else { (&*written, Vec::new()) };
        let cut = part.subtitle.as_ref().and_then(|mark| title.split_once(mark.as_str()));
        let cut = cut.map(|(title, subtitle)| (title.trim(), subtitle.trim()));
        Ok(match cut.filter(|(title, subtitle)| !title.is_empty() && !subtitle.is_empty()) {
            Some((title, subtitle)) => (title.to_owned(), Some(subtitle.to_owned()), series),
            None => (title.to_owned(), None, series),
        })
    }

    fn series(&self) -> Vec<SeriesPart> {
        let mut parts: Vec<SeriesPart> = self
            .each(Field::Series)
            .iter()
            .map(|(text, _)| series::part(text))
            .filter(|part| !part.title.is_empty())
            .collect();
        if let (Some(first), Some(number)) = (parts.first_mut(), self.one(Field::SeriesNumber)) {
            first.number = series::number(&number).or(Some(number));
        }
        parts
    }

    fn contributors(&self) -> Vec<Contributor> {
        let roles = [
            (Field::Authors, Role::Author),
            (Field::Translators, Role::Translator),
            (Field::Illustrators, Role::Illustrator),
            (Field::Editors, Role::Editor),
        ];
        let people = |(field, role)| {
            self.each(field)
                .into_iter()
                .map(move |(name, part)| Contributor { role, person: person(name, part.inverted) })
        };
        roles.into_iter().flat_map(people).collect()
    }

    fn texts(&self) -> Texts {
        Texts { about: self.cells(Field::Description).find_map(|(text, _)| plain_text::paragraphs(text)) }
    }

    fn publishing(&self, remarks: &mut Vec<String>) -> Result<Publishing, String> {
        Ok(Publishing {
            publisher: self.one(Field::Publisher).or_else(|| self.defaults.publisher.clone()),
            published: self.read(Field::Published, date::free, remarks),
            embargo_until: self.read_or_refuse(Field::Embargo, |text| date::day(date::free(text)?))?,
            status: None,
        })
    }

    fn supply(&self, remarks: &mut Vec<String>) -> Result<Supply, String> {
        let stated = self.read_or_refuse(Field::Currency, money::currency)?;
        let price = match self.one(Field::Price) {
            Some(text) => {
                let price = money::price(&text, stated.as_deref(), self.defaults.currency.as_deref());
                Some(price.map_err(|problem| format!("price is not understood: {problem}"))?)
            }
            None => None,
        };
        Ok(Supply {
            availability: self.read(Field::Availability, availability::of_words, remarks),
            expected: self.read(Field::Expected, |text| date::day(date::free(text)?), remarks),
            price,
            copies: self.read_or_refuse(Field::Copies, number::count)?,
        })
    }
}

/// A cell's text. Spreadsheets write `="0142402494"` to keep leading zeros.
fn cell(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')).map_or(text, str::trim)
}

/// The pieces between any of some separators; without one, all of it.
fn split<'a>(text: &'a str, between: &[String]) -> Vec<&'a str> {
    let mut pieces = vec![text];
    for separator in between {
        pieces = pieces.into_iter().flat_map(|piece| piece.split(separator.as_str())).collect();
    }
    pieces
}

/// An ISBN, or what a spreadsheet has made of it: "439023483.0", "439023483" without its leading zero.
fn isbn(text: &str) -> Reading {
    let text = text.strip_suffix(".0").unwrap_or(text);
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'x' | b'X'));
    if digits && (SHORTEST_ISBN..10).contains(&text.len()) {
        return Isbn::read(&format!("{text:0>10}"));
    }
    Isbn::read(text)
}

fn person(name: String, inverted: bool) -> Person {
    match name.split_once(',').map(|(last, first)| (last.trim(), first.trim())) {
        Some((last, first)) if inverted && !last.is_empty() && !first.is_empty() && !first.contains(',') => {
            Person { name: format!("{first} {last}"), sort_name: Some(name), ..Person::default() }
        }
        _ => Person { name, ..Person::default() },
    }
}

/// Nought stands for "not known" where there is always one at least.
fn positive(read: fn(&str) -> Option<u32>) -> impl Fn(&str) -> Option<Option<u32>> {
    move |text| if number::count(text) == Some(0) { Some(None) } else { read(text).map(Some) }
}
