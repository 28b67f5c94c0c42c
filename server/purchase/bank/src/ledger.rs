//! The file under the books: JSON lines, only ever appended, on disk before anybody is answered.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::books::Entry;

/// What one line says: all of it happened, or none.
#[derive(Serialize, Deserialize)]
struct Line<E> {
    at: i64,
    entries: E,
}

/// The open file, locked for this process.
pub struct Ledger {
    file: File,
    length: u64,
    /// False once a half-written line could not be taken back.
    sound: bool,
}

impl Ledger {
    /// Opens or makes the file and hands every entry to `apply`, oldest first. A torn last line is cut off: it was
    /// never answered. Any other unreadable line is an error.
    pub fn open(path: &Path, mut apply: impl FnMut(Entry)) -> anyhow::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the ledger's folder {}", folder.display()))?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .with_context(|| format!("cannot open the ledger {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("the ledger {} is in use: stop the other bank first", path.display())
            }
            Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the ledger"),
        }
        let mut length = 0;
        let mut reader = BufReader::new(&file);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)? as u64;
            if line.last() != Some(&b'\n') {
                break;
            }
            let parsed: Line<Vec<Entry>> = serde_json::from_slice(&line)
                .with_context(|| format!("{}: line {number} is damaged", path.display()))?;
            parsed.entries.into_iter().for_each(&mut apply);
            length += read;
        }
        if file.metadata()?.len() > length {
            tracing::warn!("the ledger's last line was torn, so nobody was answered: it is cut off");
            file.set_len(length)?;
            file.sync_all()?;
        }
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file, length, sound: true })
    }

    /// Appends one line and waits until it is on disk. After an error the file is as before.
    pub fn append(&mut self, at: i64, entries: &[Entry]) -> io::Result<()> {
        if !self.sound {
            return Err(io::Error::other("the ledger ends in half a line: restart the bank"));
        }
        let mut line = serde_json::to_vec(&Line { at, entries })?;
        line.push(b'\n');
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += line.len() as u64,
            // Whatever half of it arrived must not stand before the next line.
            Err(_) => self.sound = self.file.set_len(self.length).is_ok(),
        }
        written
    }
}
