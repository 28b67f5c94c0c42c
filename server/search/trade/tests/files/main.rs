//! Real files, dirty as they come, where `OCTAVO_DATA` says that they lie: what must come of each is in a table. They
//! are others', and not of this project.

mod csv;
mod onix;
mod open_library;

use std::fs;
use std::path::PathBuf;

use trade::{Entry, Refused, Step, Unreadable};

/// A file's bytes; none, and a word of it, without the files.
fn file(name: &str) -> Option<Vec<u8>> {
    #[expect(clippy::disallowed_methods, reason = "tests are configured by whoever runs them")]
    let Some(folder) = std::env::var_os("OCTAVO_DATA") else {
        println!("skipped {name}: OCTAVO_DATA is not set");
        return None;
    };
    let path = PathBuf::from(folder).join(name);
    Some(fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// All that a reader gave.
#[derive(Default)]
struct Told {
    steps: Vec<Result<Entry, Refused>>,
    fatal: Option<String>,
}

impl Told {
    fn by(reader: Result<impl Iterator<Item = Step>, Unreadable>) -> Self {
        let mut told = Self::default();
        match reader {
            Ok(reader) => {
                for step in reader {
                    match step {
                        Ok(step) => told.steps.push(step),
                        Err(error) => told.fatal = Some(error.to_string()),
                    }
                }
            }
            Err(error) => told.fatal = Some(error.to_string()),
        }
        told
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.steps.iter().flatten()
    }

    fn refused(&self) -> impl Iterator<Item = &Refused> {
        self.steps.iter().filter_map(|step| step.as_ref().err())
    }

    /// How many entries and refusals there are, and whether the file was read to its end.
    fn counts(&self) -> (usize, usize, bool) {
        (self.entries().count(), self.refused().count(), self.fatal.is_none())
    }

    fn remarks(&self, part: &str) -> usize {
        self.entries().flat_map(|entry| &entry.remarks).filter(|remark| remark.contains(part)).count()
    }
}

/// Cuts a file at many places, and expects of each piece all that ends in a line before the cut.
fn cut(name: &str, bytes: &[u8], cuts: usize, read: impl Fn(&[u8]) -> Told) {
    let whole = read(bytes);
    let line_of = |step: &Result<Entry, Refused>| step.as_ref().map_or_else(|refused| refused.line, |entry| entry.line);
    let ends: Vec<u64> = whole.steps.iter().skip(1).map(line_of).collect();
    for at in (0..bytes.len()).step_by((bytes.len() / cuts).max(1)) {
        let piece = &bytes[..at];
        let line = 1 + piece.iter().filter(|&&byte| byte == b'\n').count() as u64;
        let complete = ends.iter().take_while(|&&next| next < line).count();
        let told = read(piece);
        assert!(told.steps.len() >= complete, "{name} at {at}: {} of {complete}", told.steps.len());
        assert!(told.steps[..complete] == whole.steps[..complete], "{name} at {at}");
    }
}
