//! Which column of a CSV file is which field: a mapping, as a shop writes it down once for each of its sources.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use encoding_rs::Encoding;
use serde::Deserialize;

use crate::{language, money};

/// How a CSV file is laid out, and what its columns are. `csv/octavo.toml` shows all of it.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) separator: u8,
    pub(super) quoting: bool,
    pub(super) header: bool,
    pub(super) optional: bool,
    pub(super) encoding: Option<&'static Encoding>,
    pub(super) columns: BTreeMap<Field, Vec<Part>>,
    pub(super) defaults: Defaults,
}

/// Why a mapping cannot work.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// It is no TOML, or has fields that there are not.
    #[error("the mapping cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// It contradicts itself, or lacks something.
    #[error("the mapping cannot work: {0}")]
    Invalid(String),
}

/// What a column can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    Key,
    Isbn,
    WorkKey,
    Title,
    Subtitle,
    OriginalTitle,
    Authors,
    Translators,
    Illustrators,
    Editors,
    Series,
    SeriesNumber,
    Subjects,
    Language,
    OriginalLanguage,
    Publisher,
    Published,
    FirstPublished,
    Format,
    Pages,
    Weight,
    Description,
    Price,
    Currency,
    Availability,
    Expected,
    Embargo,
    Copies,
    Popularity,
}

/// The part of a product that a field belongs to, none for what names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Description,
    Texts,
    Publishing,
    Supply,
}

impl Field {
    pub(super) fn block(self) -> Option<Block> {
        match self {
            Self::Key | Self::Isbn | Self::WorkKey => None,
            Self::Title
            | Self::Subtitle
            | Self::OriginalTitle
            | Self::Authors
            | Self::Translators
            | Self::Illustrators
            | Self::Editors
            | Self::Series
            | Self::SeriesNumber
            | Self::Subjects
            | Self::Language
            | Self::OriginalLanguage
            | Self::FirstPublished
            | Self::Format
            | Self::Pages
            | Self::Weight
            | Self::Popularity => Some(Block::Description),
            Self::Description => Some(Block::Texts),
            Self::Publisher | Self::Published | Self::Embargo => Some(Block::Publishing),
            Self::Price | Self::Currency | Self::Availability | Self::Expected | Self::Copies => Some(Block::Supply),
        }
    }

    fn is_people(self) -> bool {
        matches!(self, Self::Authors | Self::Translators | Self::Illustrators | Self::Editors)
    }

    fn is_list(self) -> bool {
        self.is_people() || matches!(self, Self::Series | Self::Subjects | Self::Language)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Their names are their variants' in the style of TOML.
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        formatter.write_str(&name)
    }
}

/// One column that a field is taken from, and how.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) column: Column,
    /// What stands between the values of a list.
    #[serde(default)]
    pub(super) between: OneOrMore,
    /// Whether people are written "Tolkien, J. R. R.".
    #[serde(default)]
    pub(super) inverted: bool,
    /// Whether the title ends in "(Discworld, #3)".
    #[serde(default)]
    pub(super) series: bool,
    /// What begins the subtitle within the title.
    pub(super) subtitle: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(untagged, expecting = "expected a column's name or its number")]
pub(super) enum Column {
    Number(usize),
    Name(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub(super) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

/// What holds where a row says nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Defaults {
    pub(super) language: Option<String>,
    pub(super) currency: Option<String>,
    pub(super) format: Option<String>,
    pub(super) publisher: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default = "comma")]
    separator: char,
    #[serde(default = "yes")]
    quoting: bool,
    #[serde(default = "yes")]
    header: bool,
    #[serde(default)]
    optional: bool,
    encoding: Option<String>,
    columns: BTreeMap<Field, Source>,
    #[serde(default)]
    defaults: Defaults,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a column's name, its number from 1, { column = …, between = …, inverted = …, series = …, \
                 subtitle = … }, or a list of these"
)]
enum Source {
    Column(Column),
    Part(Part),
    Several(Vec<Source>),
}

fn comma() -> char {
    ','
}

fn yes() -> bool {
    true
}

impl Source {
    fn parts(self) -> Vec<Part> {
        match self {
            Self::Column(column) => {
                vec![Part { column, between: OneOrMore::default(), inverted: false, series: false, subtitle: None }]
            }
            Self::Part(part) => vec![part],
            Self::Several(several) => several.into_iter().flat_map(Self::parts).collect(),
        }
    }
}

impl Mapping {
    /// Reads a mapping from TOML.
    ///
    /// # Errors
    /// When it is not understood, or no file could be read with it.
    pub fn read(toml: &str) -> Result<Self, MappingError> {
        let written: Written = toml::from_str(toml)?;
        let separator =
            u8::try_from(written.separator).ok().filter(|sign| sign.is_ascii() && !b"\"\r\n\0".contains(sign));
        let encoding = match &written.encoding {
            Some(name) => Some(
                Encoding::for_label(name.as_bytes())
                    .ok_or_else(|| MappingError::Invalid(format!("there is no encoding {name:?}")))?,
            ),
            None => None,
        };
        let mapping = Self {
            separator: separator.ok_or_else(|| {
                MappingError::Invalid("the separator must be one ASCII character, and no quotation mark".to_owned())
            })?,
            quoting: written.quoting,
            header: written.header,
            optional: written.optional,
            encoding,
            columns: written.columns.into_iter().map(|(field, source)| (field, source.parts())).collect(),
            defaults: written.defaults,
        };
        mapping.check().map_err(MappingError::Invalid)?;
        Ok(mapping)
    }

    /// With a currency for prices of which neither the file nor the mapping names one.
    #[must_use]
    pub fn with_currency(mut self, code: &str) -> Self {
        self.defaults.currency = self.defaults.currency.or_else(|| money::currency(code));
        self
    }

    fn check(&self) -> Result<(), String> {
        require(self.columns.contains_key(&Field::Key), "no column is the key")?;
        require_title(&self.columns)?;
        require(self.header || !self.optional, "without a header no column can be optional")?;
        for (field, parts) in &self.columns {
            require(!parts.is_empty(), &format!("{field} has no column"))?;
            let mut seen = HashSet::new();
            for part in parts {
                require(seen.insert(&part.column), &format!("{field} has the same column twice"))?;
                match &part.column {
                    Column::Number(number) => require(*number > 0, &format!("{field}: columns are counted from 1"))?,
                    Column::Name(name) => {
                        require(self.header, &format!("{field}: without a header there is no column {name:?}"))?;
                    }
                }
                let between = part.between.as_slice();
                require(
                    between.is_empty() || field.is_list(),
                    &format!("{field} is no list, so nothing stands between"),
                )?;
                require(
                    between.iter().all(|text| !text.is_empty()),
                    &format!("{field}: something must stand between"),
                )?;
                require(!part.inverted || field.is_people(), &format!("{field} are no people, so never inverted"))?;
                let of_title = part.series || part.subtitle.is_some();
                require(
                    !of_title || *field == Field::Title,
                    &format!("{field} is not the title: no series or subtitle in it"),
                )?;
                require(
                    part.subtitle.as_ref().is_none_or(|text| !text.is_empty()),
                    "something must begin the subtitle",
                )?;
            }
        }
        let numbered = self.columns.contains_key(&Field::SeriesNumber);
        require(!numbered || self.columns.contains_key(&Field::Series), "series_number needs a series")?;
        let defaults = &self.defaults;
        let unknown = |what: &str, value: &str| format!("{value:?}, the default {what}, does not exist");
        if let Some(code) = &defaults.language {
            require(language::code(code).is_some(), &unknown("language", code))?;
        }
        if let Some(code) = &defaults.currency {
            require(money::currency(code).as_ref() == Some(code), &unknown("currency", code))?;
        }
        Ok(())
    }
}

/// Whatever describes a product needs its title.
pub(super) fn require_title<T>(columns: &BTreeMap<Field, T>) -> Result<(), String> {
    let describing = columns.keys().find(|field| field.block() == Some(Block::Description));
    match describing {
        Some(field) if !columns.contains_key(&Field::Title) => Err(format!("{field} is of no use without a title")),
        _ => Ok(()),
    }
}

fn require(fulfilled: bool, problem: &str) -> Result<(), String> {
    if fulfilled { Ok(()) } else { Err(problem.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_says_what_each_column_is() {
        let mapping = Mapping::read(
            r#"
            separator = "\t"
            encoding = "iso-8859-1"
            [columns]
            key = "id"
            isbn = ["isbn13", "isbn10"]
            title = { column = "title", series = true, subtitle = ": " }
            authors = ["author", { column = "others", between = [",", "|"], inverted = true }]
            [defaults]
            currency = "EUR"
            "#,
        )
        .expect("valid");
        assert_eq!(mapping.separator, b'\t');
        assert_eq!(mapping.encoding, Some(encoding_rs::WINDOWS_1252));
        assert_eq!(mapping.columns[&Field::Isbn].len(), 2);
        let others = &mapping.columns[&Field::Authors][1];
        assert_eq!(others.between.as_slice(), [",", "|"]);
        assert!(others.inverted);
        assert_eq!(mapping.defaults.currency.as_deref(), Some("EUR"));
    }

    #[test]
    fn a_mapping_that_cannot_work_is_refused_with_the_reason() {
        for (toml, reason) in [
            ("[columns]\ntitle = 'a'", "no column is the key"),
            ("[columns]\nkey = 'a'\npages = 'b'", "pages is of no use without a title"),
            ("[columns]\nkey = 'a'\nisbn_13 = 'b'", "unknown variant `isbn_13`"),
            ("[columns]\nkey = 'a'\nkey = 'b'", "duplicate key"),
            ("[columns]\nkey = ['a', 'a']", "key has the same column twice"),
            ("[columns]\nkey = []", "key has no column"),
            ("[columns]\nkey = 0", "counted from 1"),
            ("[columns]\nkey = true", "expected a column's name"),
            ("[columns]\nkey = { column = 'a', split = ',' }", "expected a column's name"),
            ("[columns]\nkey = { column = 'a', between = ',' }", "key is no list"),
            ("[columns]\nkey = 'a'\ntitle = { column = 'b', inverted = true }", "title are no people"),
            ("[columns]\nkey = { column = 'a', series = true }", "key is not the title"),
            ("[columns]\nkey = 'a'\ntitle = 'b'\nsubjects = { column = 'c', between = '' }", "must stand between"),
            ("[columns]\nkey = 'a'\ntitle = 'b'\nseries_number = 'c'", "series_number needs a series"),
            ("header = false\n[columns]\nkey = 'a'", "without a header there is no column"),
            ("header = false\noptional = true\n[columns]\nkey = 1", "no column can be optional"),
            ("separator = '||'\n[columns]\nkey = 'a'", "expected a character"),
            ("separator = '\"'\n[columns]\nkey = 'a'", "the separator must be"),
            ("encoding = 'klingon'\n[columns]\nkey = 'a'", "there is no encoding \"klingon\""),
            ("[columns]\nkey = 'a'\n[defaults]\ncurrency = 'euro'", "the default currency, does not exist"),
            ("[columns]\nkey = 'a'\n[defaults]\nlanguage = 'elvish'", "the default language, does not exist"),
            ("[columns]\nkey = 'a'\n[defaults]\ncolour = 'red'", "unknown field `colour`"),
            ("", "missing field `columns`"),
        ] {
            let error = Mapping::read(toml).expect_err(toml).to_string();
            assert!(error.contains(reason), "{toml}\n{error}");
        }
    }
}
