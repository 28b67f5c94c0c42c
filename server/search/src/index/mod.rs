//! Finding books: an index in this process, built from the database and kept in step with it.

mod clause;
mod dictionary;
mod engine;
mod folder;
mod guess;
#[cfg(test)]
mod quality;
mod question;
mod schema;
mod suggest;
mod weak_words;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use database::Database;
use tokio::sync::Mutex;
use tokio::task::{JoinError, spawn_blocking};
use tokio_util::sync::CancellationToken;

use self::engine::Engine;
use self::folder::{Changes, Opened, Progress};
use self::schema::Entry;
use crate::{Catalogue, Found, Query, Suggestions};

/// How often a running index looks for changes.
const POLL: Duration = Duration::from_millis(500);
/// How often old changes are forgotten.
const SWEEP_EVERY: Duration = Duration::from_hours(1);
/// Works that are read from the database at once.
const BATCH: usize = 1000;
/// Changes that are followed at once: the rest is followed the next time.
const MOST_CHANGES: u32 = 50_000;
/// Works after which an index that is being built lets them be found.
const COMMIT_EVERY: usize = 50 * BATCH;

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
pub struct Index(Arc<Shared>);

struct Shared {
    database: Database,
    dir: Option<PathBuf>,
    engine: RwLock<Arc<Engine>>,
    position: Mutex<Position>,
    /// A search or a write has failed: what is on disk is not as it was written, or cannot be written.
    is_damaged: AtomicBool,
    is_complete: AtomicBool,
}

/// How far the catalogue has been followed.
struct Position {
    progress: Progress,
    /// Changes after the settled ones that have been seen: ids commit out of order, so there may be gaps between them.
    seen: BTreeSet<u64>,
}

impl Index {
    /// Opens the index in a folder under `dir`, or in memory where none is named. What is missing, damaged, outdated or of
    /// another database is begun anew; [`catch_up`](Self::catch_up) fills it.
    ///
    /// # Errors
    /// When the database fails or the folder cannot be used.
    pub async fn open(database: Database, dir: Option<PathBuf>) -> Result<Self, Error> {
        let changes = changes(&database).await?;
        let Opened { engine, progress, dir } = spawn_blocking(move || folder::open(dir, &changes)).await??;
        Ok(Self(Arc::new(Shared {
            database,
            dir,
            engine: RwLock::new(Arc::new(engine)),
            is_complete: AtomicBool::new(progress.building.is_none()),
            position: Mutex::new(Position { progress, seen: BTreeSet::new() }),
            is_damaged: AtomicBool::new(false),
        })))
    }

    /// Whether every book can be found by now: an index that is being built has some of them.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.0.is_complete.load(Ordering::Relaxed)
    }

    /// Looks for books.
    ///
    /// # Errors
    /// When the index fails; no text makes it fail.
    pub async fn find(&self, query: Query) -> Result<Found, Error> {
        self.ask(move |engine| engine.find(&query)).await
    }

    /// Suggests at most `limit` books and as many authors for a text that is still being typed.
    ///
    /// # Errors
    /// When the index fails; no text makes it fail.
    pub async fn suggest(&self, text: String, limit: usize) -> Result<Suggestions, Error> {
        self.ask(move |engine| engine.suggest(&text, limit)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Engine) -> tantivy::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let engine = self.engine();
        let answer = spawn_blocking(move || ask(&engine)).await?;
        if answer.is_err() {
            self.0.is_damaged.store(true, Ordering::Relaxed);
        }
        Ok(answer?)
    }

    fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.0.engine.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the works that the index lacks, and those that have changed since the last time; says how many they were.
    ///
    /// # Errors
    /// When the database or the index fails; the next call goes on from what was read before.
    pub async fn catch_up(&self) -> Result<usize, Error> {
        let mut position = self.0.position.lock().await;
        if self.0.is_damaged.swap(false, Ordering::Relaxed) {
            self.begin_anew(&mut position).await?;
        }
        let built = self.build(&mut position).await?;
        Ok(built + self.follow(&mut position).await?)
    }

    /// An empty index takes the place of one that cannot be read.
    async fn begin_anew(&self, position: &mut Position) -> Result<(), Error> {
        tracing::warn!("the search index is damaged, and is built anew");
        let changes = changes(&self.0.database).await?;
        let dir = self.0.dir.clone();
        let engine = spawn_blocking(move || match dir {
            Some(dir) => folder::create(&dir),
            None => Ok(Engine::create(None)?),
        });
        let engine = engine.await??;
        *position = Position { progress: Progress::nothing(&changes.origin, changes.settled), seen: BTreeSet::new() };
        self.0.is_complete.store(false, Ordering::Relaxed);
        *self.0.engine.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(engine);
        if let Some(dir) = self.0.dir.clone() {
            spawn_blocking(move || folder::sweep(&dir)).await??;
        }
        Ok(())
    }

    async fn build(&self, position: &mut Position) -> Result<usize, Error> {
        let mut read = 0;
        while let Some(last) = position.progress.building {
            let works = sqlx::query_scalar!("select id from work where id > ? order by id limit ?", last, BATCH as u64)
                .fetch_all(self.0.database.pool())
                .await?;
            read += works.len();
            self.read(&works).await?;
            let mut progress = position.progress.clone();
            progress.building = works.last().copied();
            if works.is_empty() || read % COMMIT_EVERY == 0 {
                self.commit(&progress).await?;
            }
            position.progress = progress;
        }
        if !self.0.is_complete.swap(true, Ordering::Relaxed) {
            tracing::info!(works = read, "the search index is complete");
        }
        Ok(read)
    }

    async fn follow(&self, position: &mut Position) -> Result<usize, Error> {
        let changes = sqlx::query!(
            r#"
            select book_change.id, edition.work_id as "work_id?",
                book_change.changed_at < now(6) - interval 1 minute as "settled!: bool"
            from book_change left join edition on edition.id = book_change.edition_id
            where book_change.id > ?
            order by book_change.id limit ?
            "#,
            position.progress.settled,
            MOST_CHANGES
        )
        .fetch_all(self.0.database.pool())
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
            self.commit(&position.progress).await?;
        }
        for change in changes {
            if change.settled {
                position.progress.settled = change.id;
                position.seen.remove(&change.id);
            } else {
                position.seen.insert(change.id);
            }
        }
        Ok(works.len())
    }

    /// Follows the changes until cancelled. Where that fails it is tried again: searches go on meanwhile.
    pub async fn run(&self, cancel: CancellationToken) {
        let mut swept: Option<Instant> = None;
        while cancel.run_until_cancelled(tokio::time::sleep(POLL)).await.is_some() {
            if swept.is_none_or(|at| at.elapsed() > SWEEP_EVERY) {
                swept = Some(Instant::now());
                if let Err(error) = self.sweep().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "old changes of the catalogue stay for now"
                    );
                }
            }
            // Nothing is lost where it is cut off: what was read and not noted down is read again.
            let Some(caught_up) = cancel.run_until_cancelled(self.catch_up()).await else { return };
            if let Err(error) = caught_up {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the search index could not follow the catalogue"
                );
            }
        }
    }

    /// Forgets changes that every index has followed by now, but for the newest, by which one that was away for longer
    /// knows that it has missed some.
    async fn sweep(&self) -> Result<(), Error> {
        sqlx::query!(
            r#"
            delete from book_change
            where changed_at < now(6) - interval 7 day and id < (select last from (select max(id) as last from book_change) as newest)
            order by id limit 100000
            "#
        )
        .execute(self.0.database.pool())
        .await?;
        // An index of a quiet shop would otherwise seem to have missed what is forgotten.
        let position = self.0.position.lock().await;
        self.commit(&position.progress).await
    }

    /// Replaces these works by what the database now says of them.
    async fn read(&self, works: &[u64]) -> Result<(), Error> {
        let books = Catalogue::new(self.0.database.clone()).books(works).await?;
        let works = works.to_vec();
        let engine = self.engine();
        let replaced = spawn_blocking(move || {
            let entries: Vec<Entry> = books.into_iter().map(Entry::from).collect();
            engine.replace(&works, &entries)
        });
        self.written(replaced.await?)
    }

    async fn commit(&self, progress: &Progress) -> Result<(), Error> {
        let (engine, payload) = (self.engine(), progress.written());
        self.written(spawn_blocking(move || engine.commit(&payload)).await?)
    }

    /// After a failure the writer takes nothing in any more, so the index is begun anew.
    fn written(&self, written: tantivy::Result<()>) -> Result<(), Error> {
        if written.is_err() {
            self.0.is_damaged.store(true, Ordering::Relaxed);
        }
        Ok(written?)
    }
}

async fn changes(database: &Database) -> Result<Changes, Error> {
    let origin =
        sqlx::query_scalar!("select origin from catalogue_origin where id = 1").fetch_one(database.pool()).await?;
    let found = sqlx::query!(
        r#"
        select min(id) as first, max(id) as last,
               max(if(changed_at < now(6) - interval 1 minute, id, null)) as settled
        from book_change
        "#
    )
    .fetch_one(database.pool())
    .await?;
    Ok(Changes { origin, ids: found.first.zip(found.last), settled: found.settled.unwrap_or(0) })
}
