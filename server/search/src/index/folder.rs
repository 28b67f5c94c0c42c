//! Where an index lies on disk: folders of our own in the one that the configuration names, of which one is in use.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::engine::Engine;

/// What distinguishes our folders from their neighbours.
const PREFIX: &str = "books-";
/// Raised whenever what is written into an index, or what that means, changes: an older index is then built anew.
const FORMAT: u32 = 2;

/// How far an index has come, kept with each of its commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    format: u32,
    /// Which database it was built from.
    origin: String,
    /// Every change of the catalogue up to this one is in it.
    pub(super) settled: u64,
    /// While it is being built: every work up to this one is in it.
    pub(super) building: Option<u64>,
}

impl Progress {
    /// That of an empty index, for a catalogue whose changes up to `settled` are long committed.
    pub(super) fn nothing(origin: &str, settled: u64) -> Self {
        Self { format: FORMAT, origin: origin.to_owned(), settled, building: Some(0) }
    }

    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The changes that the database still has.
pub(super) struct Changes {
    pub(super) origin: String,
    /// The first and the last.
    pub(super) ids: Option<(u64, u64)>,
    /// The last that no open transaction can come before.
    pub(super) settled: u64,
}

impl Changes {
    /// Whether an index that has come so far can go on from there.
    fn continue_from(&self, progress: &Progress) -> bool {
        let (first, last) = self.ids.unwrap_or((1, 0));
        progress.format == FORMAT
            && progress.origin == self.origin
            && progress.settled + 1 >= first
            && progress.settled <= last
    }
}

/// An index, how far it has come, and the folder in which it may be begun anew.
pub(super) struct Opened {
    pub(super) engine: Engine,
    pub(super) progress: Progress,
    pub(super) dir: Option<PathBuf>,
}

/// Opens the index in `dir` where that can go on, else an empty one; in memory without a folder, and where another process
/// has it.
pub(super) fn open(dir: Option<PathBuf>, changes: &Changes) -> Result<Opened, super::Error> {
    let nothing = Progress::nothing(&changes.origin, changes.settled);
    let in_memory = |progress| Ok(Opened { engine: Engine::create(None)?, progress, dir: None });
    let Some(dir) = dir else { return in_memory(nothing) };
    std::fs::create_dir_all(&dir)?;
    for folder in ours(&dir)? {
        match Engine::open(&folder) {
            Ok(engine) => {
                let progress = engine.payload()?.and_then(|payload| serde_json::from_str::<Progress>(&payload).ok());
                if let Some(progress) = progress.filter(|progress| changes.continue_from(progress)) {
                    return Ok(Opened { engine, progress, dir: Some(dir) });
                }
                tracing::info!(folder = %folder.display(), "an index that is outdated is built anew");
                drop(engine);
            }
            Err(tantivy::TantivyError::LockFailure(..)) => {
                tracing::warn!(folder = %folder.display(), "another process has this index: ours is kept in memory");
                return in_memory(nothing);
            }
            Err(error) => {
                tracing::warn!(folder = %folder.display(), error = &error as &dyn std::error::Error, "an index that is damaged is built anew");
            }
        }
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(Opened { engine: create(&dir)?, progress: nothing, dir: Some(dir) })
}

/// An empty index beside the one in use.
pub(super) fn create(dir: &Path) -> Result<Engine, super::Error> {
    let folder = dir.join(format!(
        "{PREFIX}{:016x}",
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos()
    ));
    std::fs::create_dir_all(&folder)?;
    Ok(Engine::create(Some(&folder))?)
}

/// Removes all of our folders but the newest.
pub(super) fn sweep(dir: &Path) -> std::io::Result<()> {
    let mut folders = ours(dir)?;
    folders.pop();
    folders.iter().try_for_each(std::fs::remove_dir_all)
}

/// Our folders, the oldest first.
fn ours(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}
