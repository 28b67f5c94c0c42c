//! Bringing a catalogue file into the database. The same file twice changes nothing; what a later file says
//! otherwise is updated, what it leaves out stays.

mod file;
mod names;
mod store;
mod work;

use std::fmt;

use database::{Database, IsDatabaseError};

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Works in the file.
    pub works: usize,
    /// Editions in the file.
    pub editions: usize,
    /// Works that were new or said something new.
    pub changed: usize,
    /// Price and copies of every edition in the file, for whoever keeps offers and stock.
    pub offers: Vec<ImportedOffer>,
}

/// At which price an edition is to be sold, and how many copies there are at first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedOffer {
    /// The edition's id.
    pub edition_id: u64,
    /// The edition's key in the file.
    pub key: String,
    /// In minor units.
    pub price: i64,
    /// ISO 4217.
    pub currency: String,
    /// How many the file says were taken in.
    pub copies: u32,
    /// The weight of one copy, in grams.
    pub weight_g: u32,
}

/// Why nothing, or not everything, was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is no TOML, or has fields that a catalogue does not have; nothing was imported.
    #[error("the catalogue cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// The file says something that cannot be; nothing was imported.
    #[error("the catalogue has faults:{}", listed(.0))]
    Invalid(Vec<Fault>),
    /// An entry does not agree with what the database has; the entries before it were imported.
    #[error("{0}")]
    Conflict(Fault),
    /// The database failed; importing the same file again goes on from there.
    #[error(transparent)]
    Database(#[from] database::Error),
}

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

fn listed(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl IsDatabaseError for ImportError {
    fn database_error(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Database(error) => error.database_error(),
            Self::Syntax(_) | Self::Invalid(_) | Self::Conflict(_) => None,
        }
    }
}

/// Imports a catalogue file's text.
///
/// # Errors
/// When the file is faulty (then nothing is imported), contradicts the database, or the database fails.
pub async fn import(database: &Database, toml: &str) -> Result<Imported, ImportError> {
    let file = file::read(toml)?;
    store::store(database, &file).await
}
