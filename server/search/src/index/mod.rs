//! Finding books: an index in this process, built from the database and kept in step with it.

mod clause;
mod dictionary;
mod engine;
mod guess;
#[cfg(test)]
mod quality;
mod question;
mod schema;
mod suggest;
mod weak_words;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use database::Database;
use tokio::sync::Mutex;
use tokio::task::{JoinError, spawn_blocking};
use tokio_util::sync::CancellationToken;

use self::engine::Engine;
use self::schema::Entry;
use crate::{Catalogue, Found, Query, Suggestions};

/// How often a running index looks for changes.
const POLL: Duration = Duration::from_millis(500);
/// Works that are read from the database at once.
const BATCH: usize = 1000;
/// The index's folder in the one that the configuration names, which is not ours to empty.
const FOLDER: &str = "books";

/// What can go wrong with the index.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("reading books for the index failed")]
    Database(#[from] database::Error),
    /// The index failed.
    #[error("the index failed")]
    Index(#[from] tantivy::TantivyError),
    /// The index's folder could not be prepared.
    #[error("the index's folder cannot be used")]
    Folder(#[from] std::io::Error),
    /// A search was cut off, because the process is ending or has a defect.
    #[error("a search was cut off")]
    CutOff(#[from] JoinError),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// The index of all books. Cheap to clone.
#[derive(Clone)]
pub struct Index {
    engine: Arc<Engine>,
    database: Database,
    position: Arc<Mutex<Position>>,
}

/// How far the changes have been followed.
#[derive(Default)]
struct Position {
    /// Every change up to this one has been seen.
    settled: u64,
    /// Changes after that which have been seen: ids commit out of order, so there may be gaps between them.
    seen: BTreeSet<u64>,
}

impl Index {
    /// Builds the index from the database: in a folder under `dir`, or in memory where none is named.
    ///
    /// # Errors
    /// When the database fails or the folder cannot be used.
    pub async fn open(database: Database, dir: Option<PathBuf>) -> Result<Self, Error> {
        let engine = spawn_blocking(move || create(dir)).await??;
        // Taken before the books are read: what changes meanwhile is then read again.
        let settled = sqlx::query_scalar!(
            r#"
            select max(id)
            from book_change where changed_at < now(6) - interval 1 minute
            "#
        )
        .fetch_one(database.pool())
        .await?;
        let position = Position { settled: settled.unwrap_or(0), seen: BTreeSet::new() };
        let index = Self { engine: Arc::new(engine), database, position: Arc::new(Mutex::new(position)) };
        index.build().await?;
        Ok(index)
    }

    /// Looks for books.
    ///
    /// # Errors
    /// When the index fails; no text makes it fail.
    pub async fn find(&self, query: Query) -> Result<Found, Error> {
        let engine = Arc::clone(&self.engine);
        Ok(spawn_blocking(move || engine.find(&query)).await??)
    }

    /// Suggests at most `limit` books and as many authors for a text that is still being typed.
    ///
    /// # Errors
    /// When the index fails; no text makes it fail.
    pub async fn suggest(&self, text: String, limit: usize) -> Result<Suggestions, Error> {
        let engine = Arc::clone(&self.engine);
        Ok(spawn_blocking(move || engine.suggest(&text, limit)).await??)
    }

    /// Reads the works again that have changed since the last time, and says how many they were.
    ///
    /// # Errors
    /// When the database or the index fails; the next call then reads the same works.
    pub async fn catch_up(&self) -> Result<usize, Error> {
        let mut position = self.position.lock().await;
        let changes = sqlx::query!(
            r#"
            select book_change.id, edition.work_id as "work_id?",
                book_change.changed_at < now(6) - interval 1 minute as "settled!: bool"
            from book_change left join edition on edition.id = book_change.edition_id
            where book_change.id > ?
            order by book_change.id
            "#,
            position.settled,
        )
        .fetch_all(self.database.pool())
        .await?;
        let works: BTreeSet<u64> = changes
            .iter()
            .filter(|change| !position.seen.contains(&change.id))
            .filter_map(|change| change.work_id)
            .collect();
        let works: Vec<u64> = works.into_iter().collect();
        for batch in works.chunks(BATCH) {
            self.read(batch).await?;
        }
        if !works.is_empty() {
            self.commit().await?;
        }
        for change in changes {
            if change.settled {
                position.settled = change.id;
                position.seen.remove(&change.id);
            } else {
                position.seen.insert(change.id);
            }
        }
        Ok(works.len())
    }

    /// Follows the changes until cancelled. Where that fails it is tried again: searches go on meanwhile.
    pub async fn run(&self, cancel: CancellationToken) {
        while cancel.run_until_cancelled(tokio::time::sleep(POLL)).await.is_some() {
            if let Err(error) = self.catch_up().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the search index could not follow the catalogue"
                );
            }
        }
    }

    async fn build(&self) -> Result<(), Error> {
        let mut last = 0;
        loop {
            let works = sqlx::query_scalar!("select id from work where id > ? order by id limit ?", last, BATCH as u64)
                .fetch_all(self.database.pool())
                .await?;
            let Some(&newest) = works.last() else { break };
            last = newest;
            self.read(&works).await?;
        }
        self.commit().await
    }

    /// Replaces these works by what the database now says of them.
    async fn read(&self, works: &[u64]) -> Result<(), Error> {
        let books = Catalogue::new(self.database.clone()).books(works).await?;
        let works = works.to_vec();
        let engine = Arc::clone(&self.engine);
        let replaced = spawn_blocking(move || {
            let entries: Vec<Entry> = books.into_iter().map(Entry::from).collect();
            engine.replace(&works, &entries)
        });
        Ok(replaced.await??)
    }

    async fn commit(&self) -> Result<(), Error> {
        let engine = Arc::clone(&self.engine);
        Ok(spawn_blocking(move || engine.commit()).await??)
    }
}

fn create(dir: Option<PathBuf>) -> Result<Engine, Error> {
    let Some(dir) = dir else { return Ok(Engine::create(None)?) };
    let folder = dir.join(FOLDER);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(Engine::create(Some(&folder))?)
}
