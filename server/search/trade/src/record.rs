//! One record of a source, whatever its file looks like. Texts are plain: trimmed, without markup and control
//! characters.

use time::Date;

use crate::isbn::Isbn;

/// What a source says at one place of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Of a product: what is sold.
    Product(Box<Product>),
    /// Of a work, where the source describes works apart from their products.
    Work(Work),
    /// Of a person or a body that has contributed to books, likewise.
    Contributor(Person),
    /// The source takes back what it has said under this key of a product.
    Withdrawn {
        /// The product's key.
        key: String,
    },
}

/// A product. A block that is missing is not spoken of, and stays as it is; of a block that is there all counts, so
/// what is empty in it is not known (ONIX for Books 3.0, "block updates").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// The source's own id of it.
    pub key: String,
    /// Its number, with a right check digit.
    pub isbn: Option<Isbn>,
    /// The work that it is an edition of, where the source tells works apart.
    pub work_key: Option<String>,
    /// What it is (ONIX block 1).
    pub description: Option<Description>,
    /// Texts about it (ONIX block 2).
    pub texts: Option<Texts>,
    /// Who brings it out, and when (ONIX block 4).
    pub publishing: Option<Publishing>,
    /// Whether it can be had, and for how much (ONIX block 6).
    pub supply: Option<Supply>,
}

/// What a product is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// How it is made.
    pub form: Form,
    /// Its title, as printed, without the subtitle.
    pub title: String,
    /// What follows the title.
    pub subtitle: Option<String>,
    /// The title it first appeared under, where that is another.
    pub original_title: Option<String>,
    /// The name in addresses that the shop's own file wishes for its work.
    pub slug: Option<String>,
    /// Who has made it, in the order of the title page.
    pub contributors: Vec<Contributor>,
    /// The series that it belongs to.
    pub series: Vec<SeriesPart>,
    /// What it is about, the main subject first.
    pub subjects: Vec<Subject>,
    /// The languages of its text, ISO 639-1 where there is such a code, else ISO 639-2/B.
    pub languages: Vec<String>,
    /// The language that it was translated from.
    pub original_language: Option<String>,
    /// How many pages it has.
    pub pages: Option<u32>,
    /// The weight of one copy, in grams.
    pub weight_g: Option<u32>,
    /// In which year the work appeared first; negative before Christ.
    pub first_published: Option<i16>,
    /// How much it is asked for, on the source's own scale.
    pub popularity: Option<u32>,
}

/// How a product is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Printed, in a soft cover.
    Paperback,
    /// Printed, in a hard cover.
    Hardback,
    /// Printed, bound in another way, or it is not said how.
    #[default]
    Printed,
    /// Not printed: a file, a recording, a calendar, a toy.
    Other,
}

/// Who has contributed to a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contributor {
    /// In which way.
    pub role: Role,
    /// Who it is.
    pub person: Person,
}

/// The ways to contribute that a shop shows; any other is left out by the reader, unless nobody else is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Wrote it.
    Author,
    /// Edited or compiled it.
    Editor,
    /// Translated it.
    Translator,
    /// Drew or photographed for it.
    Illustrator,
    /// Wrote a foreword, an introduction or an afterword.
    Introduction,
    /// Reads it aloud.
    Narrator,
    /// Anything else.
    Other,
}

/// A person or a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The source's own id, where it has one.
    pub key: Option<String>,
    /// The name as printed; empty where the source gives only the key here.
    pub name: String,
    /// The name as filed, "Tolkien, J. R. R.", where the source says.
    pub sort_name: Option<String>,
    /// Other names and spellings.
    pub other_names: Vec<String>,
    /// A few words about them.
    pub about: Option<String>,
}

/// A work that the source describes by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// The source's own id.
    pub key: String,
    /// Its title.
    pub title: String,
    /// What follows the title.
    pub subtitle: Option<String>,
    /// Who wrote it.
    pub contributors: Vec<Contributor>,
    /// What it is about.
    pub subjects: Vec<Subject>,
    /// In which year it appeared first; negative before Christ.
    pub first_published: Option<i16>,
    /// What it is about, in words.
    pub about: Option<String>,
}

/// A place in a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesPart {
    /// The series' title.
    pub title: String,
    /// The number in it, as printed: "3", "2.5", "XII".
    pub number: Option<String>,
}

/// What a product is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A Thema code, such as `FBC`. <https://www.editeur.org/151/Thema/>
    Thema(String),
    /// A BISAC code, such as `FIC004000`.
    Bisac(String),
    /// A BIC code.
    Bic(String),
    /// The source's own heading, or a keyword.
    Heading(String),
}

/// Texts about a product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// What it is about; paragraphs are separated by empty lines.
    pub about: Option<String>,
}

/// Who brings a product out, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publishing {
    /// The publisher; where only an imprint is named, that.
    pub publisher: Option<String>,
    /// When it appears or has appeared.
    pub published: Option<PartialDate>,
    /// Before this day no copy may be handed over.
    pub embargo_until: Option<Date>,
    /// Where its publishing stands, if the source says so (ONIX list 64).
    pub status: Option<PublishingStatus>,
}

/// A date of which the month or the day may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartialDate {
    /// The year; negative before Christ.
    pub year: i16,
    /// The month, from 1.
    pub month: Option<u8>,
    /// The day of the month, from 1; never without a month.
    pub day: Option<u8>,
}

/// Where a product's publishing stands (ONIX list 64, as far as it matters to a shop).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishingStatus {
    /// It will appear.
    Forthcoming,
    /// It is being published.
    Active,
    /// It will not appear, or not yet.
    CancelledOrPostponed,
    /// No more copies will be made.
    OutOfPrint,
}

/// Whether a product can be had, and for how much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supply {
    /// Whether it can be had (ONIX list 65).
    pub availability: Option<Availability>,
    /// When it can be had, if not now.
    pub expected: Option<Date>,
    /// What a copy costs the shopper, VAT included.
    pub price: Option<Price>,
    /// How many copies the shop has taken in, where the file is the shop's own.
    pub copies: Option<u32>,
}

/// Whether a product can be had (ONIX list 65: the groups that a shop tells apart).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Now (20 to 23).
    Available,
    /// Not yet (10 to 12).
    NotYet,
    /// Again later, or perhaps (30 to 34).
    Temporarily,
    /// No more, or never (01, 40 to 52).
    NotAvailable,
    /// Ask the supplier (97 to 99).
    Unknown,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// In minor units of the currency (ISO 4217).
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}
