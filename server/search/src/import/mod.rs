//! Bringing records into the catalogue, batch by batch. The same records twice change nothing; what later ones say
//! otherwise is updated, what they do not speak of stays.

mod batch;
mod check;
mod edition;
mod link;
mod list;
mod person;
mod progress;
mod shelf;
mod shop_file;
mod thema;
mod work;

use database::{Database, IsDatabaseError};
use trade::Record;

pub use shop_file::{Fault, ShopFile};

/// The source of the shop's own catalogue file.
pub const SHOP_FILE: &str = "octavo";

/// Takes the records of one source in.
#[derive(Clone, Debug)]
pub struct Importer {
    database: Database,
    source: String,
    dry: bool,
}

/// A record and where it stands.
#[derive(Clone, Debug)]
pub struct Line {
    /// The line of its file, from 1.
    pub line: u64,
    /// What it says.
    pub record: Record,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenIn {
    /// Editions that are new.
    pub added: usize,
    /// Editions of which, or of whose work, something new was said.
    pub changed: usize,
    /// Editions of which all was known.
    pub unchanged: usize,
    /// Editions that their source took back.
    pub withdrawn: usize,
    /// What could not be taken in.
    pub refused: Vec<Refused>,
    /// What was known otherwise before.
    pub differences: Vec<Difference>,
    /// What is to be sold at which price, for whoever keeps offers and stock.
    pub offers: Vec<ImportedOffer>,
    /// Editions that are not sold (any more): not printed, taken back, not to be had.
    pub unsold: Vec<u64>,
}

impl TakenIn {
    /// Adds what became of a later batch.
    pub fn append(&mut self, mut later: Self) {
        self.added += later.added;
        self.changed += later.changed;
        self.unchanged += later.unchanged;
        self.withdrawn += later.withdrawn;
        self.refused.append(&mut later.refused);
        self.differences.append(&mut later.differences);
        self.offers.append(&mut later.offers);
        self.unsold.append(&mut later.unsold);
    }
}

/// A record that could not be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its line.
    pub line: u64,
    /// Its key.
    pub key: String,
    /// Why.
    pub reason: String,
}

/// Something that was known otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line that says so.
    pub line: u64,
    /// The key of the product or the work.
    pub key: String,
    /// What.
    pub field: &'static str,
    /// As it was.
    pub before: String,
    /// As it is now.
    pub after: String,
}

/// At which price an edition is to be sold, and how many copies there are at first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedOffer {
    /// The line that says so.
    pub line: u64,
    /// The edition's id.
    pub edition_id: u64,
    /// The edition's key at its source.
    pub key: String,
    /// In minor units.
    pub price: i64,
    /// ISO 4217.
    pub currency: String,
    /// How many the file says were taken in.
    pub copies: u32,
    /// The weight of one copy, in grams; none where the product is not described.
    pub weight_g: Option<u32>,
}

/// Why nothing, or not everything, was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The shop's own file is no TOML, or has fields that it does not have; nothing was imported.
    #[error("the catalogue cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// The shop's own file says something that cannot be; nothing was imported.
    #[error("the catalogue has faults:{}", listed(.0))]
    Invalid(Vec<Fault>),
    /// A record cannot be written as JSON: a defect.
    #[error("a batch cannot be sent to the database")]
    List(#[from] serde_json::Error),
    /// The database failed; importing the same again goes on from there.
    #[error(transparent)]
    Database(#[from] database::Error),
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
            Self::Syntax(_) | Self::Invalid(_) | Self::List(_) => None,
        }
    }
}

impl Importer {
    /// Takes in what `source` says: a short name, by which its keys are told from those of others.
    #[must_use]
    pub fn new(database: Database, source: &str) -> Self {
        Self { database, source: source.to_owned(), dry: false }
    }

    /// Only finds out what would become of the records; nothing is kept.
    #[must_use]
    pub fn dry(self) -> Self {
        Self { dry: true, ..self }
    }

    /// Takes a batch in, in one transaction. Of two records of one key the later counts. Should the database refuse what a
    /// record says, the batch is taken in by halves, and the record is refused alone.
    ///
    /// # Errors
    /// When the database fails; the same records may then be taken in again.
    pub async fn take_in(&self, records: &[Line]) -> Result<TakenIn, ImportError> {
        let mut taken = TakenIn::default();
        let mut parts = vec![records];
        while let Some(part) = parts.pop() {
            match self.take_in_at_once(part).await {
                Ok(done) => taken.append(done),
                Err(error) if is_refused(&error) => match part {
                    [one] => {
                        tracing::error!(
                            line = one.line,
                            error = &error as &dyn std::error::Error,
                            "a record does not fit"
                        );
                        let reason = "the database refuses what it says".to_owned();
                        taken.refused.push(Refused { line: one.line, key: String::new(), reason });
                    }
                    _ => {
                        let (first, second) = part.split_at(part.len() / 2);
                        parts.extend([second, first]);
                    }
                },
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }

    async fn take_in_at_once(&self, records: &[Line]) -> Result<TakenIn, ImportError> {
        self.database
            .retry(|| async {
                let mut tx = self.database.begin().await?;
                match batch::take_in(&mut tx, &self.source, records).await {
                    Ok(taken) if self.dry => {
                        tx.roll_back().await;
                        Ok(taken)
                    }
                    result => tx.end(result).await,
                }
            })
            .await
    }
}

/// Whether the database refuses the data, and not the moment (MySQL's and MariaDB's error numbers: null, duplicate, out of
/// range, wrong characters, too long, a check, a packet that is too large).
fn is_refused(error: &ImportError) -> bool {
    const REFUSED: [u16; 9] = [1048, 1062, 1153, 1264, 1292, 1366, 1406, 3819, 4025];
    let number = error
        .database_error()
        .and_then(|error| error.as_database_error())
        .and_then(|error| error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>())
        .map(sqlx::mysql::MySqlDatabaseError::number);
    number.is_some_and(|number| REFUSED.contains(&number))
}

/// Notes down where `before` is not `after`.
fn compare<T: PartialEq + std::fmt::Debug>(
    differences: &mut Vec<Difference>,
    (line, key): (u64, &str),
    field: &'static str,
    before: &T,
    after: &T,
) {
    if before != after {
        let (before, after) = (format!("{before:?}"), format!("{after:?}"));
        differences.push(Difference { line, key: key.to_owned(), field, before, after });
    }
}
