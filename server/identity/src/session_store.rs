//! Where browser sessions are kept: in MySQL, under the hash of their id.

use async_trait::async_trait;
use database::{Database, is_duplicate};
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, PrimitiveDateTime};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error as StoreError, Result as StoreResult, SessionStore as Store};
use uuid::Uuid;

use crate::Error;
use crate::session::CUSTOMER;

/// How many expired sessions one statement deletes: few enough not to hold locks for long.
const BATCH: u64 = 1000;

const SWEEP_INTERVAL: std::time::Duration = std::time::Duration::from_secs(600);

/// Keeps the sessions of tower-sessions in our database. A session that has ended is never written again: of
/// two requests at once, one that signs out wins.
#[derive(Clone, Debug)]
pub struct SessionStore {
    database: Database,
}

impl SessionStore {
    /// Keeps them in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Deletes the sessions that have expired, and says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self) -> Result<u64, Error> {
        let mut swept = 0;
        loop {
            let batch = self.database.retry(|| self.sweep_batch()).await?;
            swept += batch;
            if batch < BATCH {
                return Ok(swept);
            }
        }
    }

    async fn sweep_batch(&self) -> Result<u64, Error> {
        let done = sqlx::query!(
            "delete from session where expires_at <= utc_timestamp(6) order by expires_at limit ?",
            BATCH,
        )
        .execute(self.database.pool())
        .await?;
        Ok(done.rows_affected())
    }

    /// Sweeps every ten minutes, until `cancel`.
    pub async fn run(&self, cancel: CancellationToken) {
        let mut ticks = interval(SWEEP_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                _ = ticks.tick() => {}
            }
            match self.sweep().await {
                Ok(sessions) => tracing::debug!(sessions, "expired sessions deleted"),
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "expired sessions stay for now"),
            }
        }
    }
}

#[async_trait]
impl Store for SessionStore {
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        let data = encode(record)?;
        loop {
            // Always a new id: the one in `record` may be of a session that has ended.
            record.id = Id::default();
            let inserted = sqlx::query!(
                r#"
                insert into session (id_hash, customer_id, data, expires_at)
                values (?, ?, ?, utc_timestamp(6) + interval ? microsecond)
                "#,
                hash(record.id),
                customer_id(record),
                data,
                microseconds_left(record),
            )
            .execute(self.database.pool())
            .await;
            match inserted {
                Ok(_) => return Ok(()),
                Err(error) if is_duplicate(&error) => {}
                Err(error) => return Err(backend(&error)),
            }
        }
    }

    async fn save(&self, record: &Record) -> StoreResult<()> {
        let saved = sqlx::query!(
            r#"
            update session
            set customer_id = ?, data = ?, expires_at = utc_timestamp(6) + interval ? microsecond
            where id_hash = ? and expires_at > utc_timestamp(6)
            "#,
            customer_id(record),
            encode(record)?,
            microseconds_left(record),
            hash(record.id),
        )
        .execute(self.database.pool())
        .await
        .map_err(|error| backend(&error))?;
        if saved.rows_affected() == 0 {
            return Err(StoreError::Backend("the session has ended meanwhile".to_owned()));
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let row = sqlx::query!(
            r#"
            select data, expires_at as "expires_at: PrimitiveDateTime"
            from session where id_hash = ? and expires_at > utc_timestamp(6)
            "#,
            hash(*id),
        )
        .fetch_optional(self.database.pool())
        .await
        .map_err(|error| backend(&error))?;
        row.map(|row| {
            Ok(Record {
                id: *id,
                data: serde_json::from_str(&row.data).map_err(|error| StoreError::Decode(error.to_string()))?,
                expiry_date: row.expires_at.assume_utc(),
            })
        })
        .transpose()
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        sqlx::query!("delete from session where id_hash = ?", hash(*id))
            .execute(self.database.pool())
            .await
            .map_err(|error| backend(&error))?;
        Ok(())
    }
}

fn hash(id: Id) -> Vec<u8> {
    Sha256::digest(id.0.to_le_bytes()).to_vec()
}

fn encode(record: &Record) -> StoreResult<String> {
    serde_json::to_string(&record.data).map_err(|error| StoreError::Encode(error.to_string()))
}

/// The account that is signed in, by which its sessions can be found.
fn customer_id(record: &Record) -> Option<Uuid> {
    record.data.get(CUSTOMER).and_then(Value::as_str).and_then(|id| id.parse().ok())
}

/// The rest of the session's life, to be counted from the database's now.
fn microseconds_left(record: &Record) -> i64 {
    let left = record.expiry_date - OffsetDateTime::now_utc();
    i64::try_from(left.whole_microseconds()).unwrap_or(i64::MAX)
}

fn backend(error: &sqlx::Error) -> StoreError {
    StoreError::Backend(error.to_string())
}
