//! Importing a file of the trade: read record by record by a thread of its own, taken in by batches, so that a file of any
//! size needs little memory. What is refused goes into a file beside it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use purchase::money::Currency;
use search::{Difference, Importer, Line, Refused, TakenIn};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::sync::mpsc;
use trade::csv::{GOODBOOKS, GOODREADS, Mapping, OCTAVO};
use trade::{Record, Step, Unreadable, csv, onix, open_library};

use crate::catalogue::{self, BATCH};
use crate::config::Config;
use crate::wiring;

/// A part is full before its texts are too long for one statement (MariaDB takes 16 MiB).
const HEAVIEST_PART: usize = 2 << 20;
/// Differences that are told one by one.
const MOST_TOLD: usize = 20;

/// The file to import, and how.
#[derive(clap::Args)]
pub struct Import {
    /// The file
    file: PathBuf,
    /// What kind of file it is; told by the name's ending where it is not given
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// By which name its keys are told from those of other sources, such as a wholesaler's; the kind without it
    #[arg(long)]
    source: Option<String>,
    /// Of a CSV file: what its columns mean, a TOML file, or one of octavo, goodreads, goodbooks
    #[arg(long, default_value = "octavo")]
    mapping: String,
    /// Of a CSV file: the currency of prices that name none. Of an ONIX file: the currency whose prices count; each
    /// product's first one without it
    #[arg(long)]
    currency: Option<String>,
    /// Only tells what would change
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The shop's own catalogue (TOML)
    Shop,
    /// Columns, separated by commas or tabs
    Csv,
    /// ONIX for Books 3
    Onix,
    /// A dump of Open Library
    OpenLibrary,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "toml" => Some(Self::Shop),
            "csv" | "tsv" => Some(Self::Csv),
            "xml" | "onix" | "onx" => Some(Self::Onix),
            "txt" => Some(Self::OpenLibrary),
            _ => None,
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::Shop => search::SHOP_FILE,
            Self::Csv => "csv",
            Self::Onix => "onix",
            Self::OpenLibrary => "open-library",
        }
    }
}

/// A part of the file, in its order.
#[derive(Default)]
struct Part {
    records: Vec<Line>,
    refused: Vec<Refused>,
    remarks: u64,
    /// How many steps of the file end with it.
    up_to: u64,
    /// About how long its texts are, in bytes.
    weight: usize,
}

/// Imports a file.
///
/// # Errors
/// When it cannot be read to its end (what was before is in the shop then), or what else failed.
pub async fn run(config: &Config, wanted: &Import) -> anyhow::Result<()> {
    let path = &wanted.file;
    let kind = wanted
        .kind
        .or_else(|| Kind::of(path))
        .with_context(|| format!("{}: its name does not tell what kind of file it is: say --kind", path.display()))?;
    if kind == Kind::Shop {
        if wanted.dry_run || wanted.source.is_some() {
            bail!("{}: the shop's own catalogue is taken in as it is, without --dry-run and --source", path.display());
        }
        return catalogue::import(config, path).await;
    }
    let source = wanted.source.as_deref().unwrap_or(kind.source());
    if source.is_empty()
        || source.len() > 40
        || !source.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        bail!("--source must be at most 40 letters, digits and hyphens, not {source:?}");
    }
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let bar = progress_bar(file.metadata().map_or(0, |about| about.len()));
    let steps = steps(kind, wanted, bar.wrap_read(BufReader::with_capacity(1 << 20, file)))?;

    let database = wiring::database(config).await?;
    let importer = Importer::new(database.clone(), source);
    let importer = if wanted.dry_run { importer.dry() } else { importer };
    // A dry run has no progress to keep, and need not read the file twice.
    let hash = (!wanted.dry_run).then(|| hash(wanted)).transpose();
    let hash = hash.with_context(|| format!("{} cannot be read", path.display()))?;
    let skip = match hash {
        Some(hash) => importer.taken_before(hash).await?,
        None => 0,
    };
    if skip > 0 {
        println!("An earlier import of this file was cut off: going on after {skip} records");
    }
    // Taking books in sends no message, so there is no relay to wake.
    let purchase = wiring::purchase(config, database, Arc::default())?;

    let (sender, mut parts) = mpsc::channel(2);
    let reading = tokio::task::spawn_blocking(move || read(steps, skip, &sender));
    let mut tally = Tally::new(path, wanted.dry_run, skip > 0);
    while let Some(part) = parts.recv().await {
        let mut taken = importer.take_in(&part.records).await?;
        if let Some(hash) = hash {
            catalogue::sell(&purchase, &mut taken).await?;
            importer.note_taken(hash, part.up_to).await?;
        }
        tally.add(part, taken)?;
        bar.set_message(tally.message());
    }
    let read = reading.await.context("reading the file was cut off")?;
    bar.finish_and_clear();
    if hash.is_some() {
        importer.end().await?;
    }
    tally.print(wanted.dry_run);
    read.with_context(|| format!("{}: what stands before is taken in, the rest cannot be read", path.display()))
}

/// What the file says, step by step.
fn steps(
    kind: Kind,
    wanted: &Import,
    file: impl Read + Send + 'static,
) -> anyhow::Result<Box<dyn Iterator<Item = Step> + Send>> {
    let path = wanted.file.display();
    let currency = match &wanted.currency {
        None => None,
        Some(code) => Some(
            Currency::parse(&code.to_uppercase())
                .with_context(|| format!("--currency: the shop takes no {code}"))?
                .code(),
        ),
    };
    Ok(match kind {
        Kind::Csv => {
            let mapping = match wanted.mapping.as_str() {
                "octavo" => OCTAVO.to_owned(),
                "goodreads" => GOODREADS.to_owned(),
                "goodbooks" => GOODBOOKS.to_owned(),
                file => std::fs::read_to_string(file).with_context(|| {
                    format!("--mapping: {file} is no mapping of ours, and no file that can be read")
                })?,
            };
            let mapping = Mapping::read(&mapping).with_context(|| format!("--mapping {}", wanted.mapping))?;
            let mapping = match currency {
                Some(currency) => mapping.with_currency(currency),
                None => mapping,
            };
            Box::new(csv::Reader::new(file, &mapping).with_context(|| path.to_string())?)
        }
        Kind::Onix => {
            let options =
                onix::Options { currency: currency.map(ToOwned::to_owned), today: OffsetDateTime::now_utc().date() };
            Box::new(onix::Reader::new(file, options).with_context(|| path.to_string())?)
        }
        Kind::OpenLibrary => Box::new(open_library::Reader::new(file).with_context(|| path.to_string())?),
        Kind::Shop => bail!("{path} is read whole"),
    })
}

/// Reads the file and sends its parts, but for the first `skip` steps.
fn read(steps: Box<dyn Iterator<Item = Step> + Send>, skip: u64, parts: &mpsc::Sender<Part>) -> Result<(), Unreadable> {
    let mut part = Part::default();
    for (step, count) in steps.zip(1..) {
        // Not by lines: a whole file may stand in one.
        part.up_to = count;
        match step {
            Ok(_) if count <= skip => {}
            Ok(Ok(entry)) => {
                part.weight += weight(&entry.record);
                part.remarks += entry.remarks.len() as u64;
                part.records.push(Line { line: entry.line, record: entry.record });
            }
            Ok(Err(refused)) => part.refused.push(Refused {
                line: refused.line,
                key: refused.key.unwrap_or_default(),
                reason: refused.reason,
            }),
            Err(unreadable) => {
                let _whoever_takes_in_has_failed = parts.blocking_send(part);
                return Err(unreadable);
            }
        }
        let is_full = part.records.len() + part.refused.len() >= BATCH || part.weight >= HEAVIEST_PART;
        if is_full && parts.blocking_send(std::mem::take(&mut part)).is_err() {
            return Ok(());
        }
    }
    let _whoever_takes_in_has_failed = parts.blocking_send(part);
    Ok(())
}

/// About how long the record's texts are, in bytes: those that can be long.
fn weight(record: &Record) -> usize {
    let length = |text: Option<&String>| text.map_or(0, String::len);
    match record {
        Record::Product(product) => length(product.texts.as_ref().and_then(|texts| texts.about.as_ref())),
        Record::Work(work) => length(work.about.as_ref()),
        Record::Contributor(person) => length(person.about.as_ref()),
        Record::Withdrawn { .. } => 0,
    }
}

/// What has become of the file so far.
struct Tally {
    taken: TakenIn,
    refused: u64,
    remarks: u64,
    fields: BTreeMap<&'static str, u64>,
    told: Vec<Difference>,
    refused_path: PathBuf,
    refused_file: Option<::csv::Writer<File>>,
    begun: Instant,
}

impl Tally {
    fn new(path: &Path, dry: bool, goes_on: bool) -> Self {
        let mut refused_path = path.as_os_str().to_owned();
        refused_path.push(if dry { ".dry-run.refused.csv" } else { ".refused.csv" });
        let refused_path = PathBuf::from(refused_path);
        if !goes_on {
            // That of an earlier import; where there is none, there is nothing to do.
            let _none = std::fs::remove_file(&refused_path);
        }
        Self {
            taken: TakenIn::default(),
            refused: 0,
            remarks: 0,
            fields: BTreeMap::new(),
            told: Vec::new(),
            refused_path,
            refused_file: None,
            begun: Instant::now(),
        }
    }

    fn add(&mut self, part: Part, mut taken: TakenIn) -> anyhow::Result<()> {
        self.remarks += part.remarks;
        let mut refused = part.refused;
        refused.append(&mut taken.refused);
        refused.sort_by_key(|refused| refused.line);
        self.refused += refused.len() as u64;
        for refused in refused {
            let file = match &mut self.refused_file {
                Some(file) => file,
                None => self.refused_file.insert(open_refused(&self.refused_path)?),
            };
            file.write_record([&refused.line.to_string(), &refused.key, &refused.reason])?;
        }
        if let Some(file) = &mut self.refused_file {
            file.flush()?;
        }
        for difference in taken.differences.drain(..) {
            *self.fields.entry(difference.field).or_default() += 1;
            if self.told.len() < MOST_TOLD {
                self.told.push(difference);
            }
        }
        // Only the figures are kept: the file may have a million books.
        taken.offers.clear();
        taken.unsold.clear();
        self.taken.append(taken);
        Ok(())
    }

    fn message(&self) -> String {
        let TakenIn { added, changed, unchanged, .. } = self.taken;
        format!("{added} new, {changed} changed, {unchanged} as before, {} refused", self.refused)
    }

    fn print(&self, dry: bool) {
        let seconds = self.begun.elapsed().as_secs_f64();
        let TakenIn { added, changed, unchanged, withdrawn, .. } = self.taken;
        let books = added + changed + unchanged + withdrawn;
        if dry {
            for Difference { line, key, field, before, after } in &self.told {
                println!("line {line}, {key}: {field}: {before} -> {after}");
            }
            let told = self.told.len() as u64;
            let all: u64 = self.fields.values().sum();
            if all > told {
                println!("... and {} more", all - told);
            }
        }
        for (field, count) in &self.fields {
            println!("{field}: {count} changed");
        }
        println!(
            "{}{added} new, {changed} changed, {unchanged} as before, {withdrawn} withdrawn, {} refused, {} remarks; \
             {books} books in {seconds:.1} s",
            if dry { "Nothing was kept. It would be: " } else { "" },
            self.refused,
            self.remarks,
        );
        if self.refused > 0 {
            println!("What was refused, and why, is in {}", self.refused_path.display());
        }
    }
}

/// The file of what was refused, to be added to.
fn open_refused(path: &Path) -> anyhow::Result<::csv::Writer<File>> {
    let written = || format!("{} cannot be written", path.display());
    let is_new = !path.exists();
    let file = File::options().append(true).create(true).open(path).with_context(written)?;
    let mut file = ::csv::Writer::from_writer(file);
    if is_new {
        file.write_record(["line", "key", "reason"])?;
    }
    Ok(file)
}

fn progress_bar(bytes: u64) -> ProgressBar {
    let style = "{bar:30} {percent:>3} %, {eta} left: {msg}";
    ProgressBar::new(bytes)
        .with_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Of the file, and of how it is to be read.
fn hash(wanted: &Import) -> std::io::Result<[u8; 32]> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(&wanted.file)?);
    let mut hash = Sha256::new();
    hash.update(format!("{:?} {:?}", wanted.mapping, wanted.currency));
    // One of our own mappings is no file.
    hash.update(std::fs::read(&wanted.mapping).unwrap_or_default());
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            return Ok(hash.finalize().into());
        }
        hash.update(bytes);
        let read = bytes.len();
        file.consume(read);
    }
}
