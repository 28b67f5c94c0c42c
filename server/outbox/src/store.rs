//! The table `outbox`: what is owed, who is carrying it, what has arrived.

use std::time::Duration;

use database::Database;
use messages::Message;
use serde::Serialize;
use sqlx::{MySql, MySqlConnection, QueryBuilder};
use uuid::Uuid;

/// How many messages a relay takes at once.
pub const BATCH: usize = 100;

/// How long a relay has for a batch before another one may take it over; longer than it may wait for the broker.
const LEASE_SECONDS: u32 = 60;

/// How long a payload is kept after it was published.
const KEEP_DAYS: u32 = 7;

/// A message that is owed and leased.
pub struct Owed {
    pub id: Uuid,
    pub kind: String,
    pub version: u16,
    pub payload: String,
}

#[derive(Serialize)]
struct NewRow<'a> {
    id: String,
    subject: String,
    kind: &'a str,
    version: u16,
    payload: String,
}

/// Writes messages down as owed, each with its subject, in the caller's transaction: one of a kind for each subject,
/// for ever. Returns their ids.
///
/// # Errors
/// A duplicate key when a subject has a message of this kind; else what the database says.
pub async fn insert(connection: &mut MySqlConnection, messages: &[(Uuid, Message)]) -> Result<Vec<Uuid>, sqlx::Error> {
    let ids: Vec<Uuid> = messages.iter().map(|_| Uuid::now_v7()).collect();
    let rows: Vec<NewRow<'_>> = messages
        .iter()
        .zip(&ids)
        .map(|((subject, message), id)| NewRow {
            id: id.simple().to_string(),
            subject: subject.simple().to_string(),
            kind: message.kind(),
            version: message.version(),
            payload: message.payload(),
        })
        .collect();
    let rows = serde_json::to_string(&rows).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query!(
        r#"
        insert into outbox (id, subject_id, type, version, payload)
        select unhex(list.id), unhex(list.subject), list.kind, list.version, list.payload
        from json_table(?, '$[*]' columns (
                 id char(32) path '$.id', subject char(32) path '$.subject', kind varchar(60) path '$.kind',
                 version smallint unsigned path '$.version', payload mediumtext path '$.payload')) as list
        "#,
        rows
    )
    .execute(connection)
    .await?;
    Ok(ids)
}

/// What is still owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// How many messages.
    pub count: u64,
    /// How long the oldest of them has been waiting; none when nothing is owed.
    pub oldest: Option<Duration>,
}

/// Counts what is owed, for readiness and the repair desk.
///
/// # Errors
/// When the database does not answer.
pub async fn pending(database: &Database) -> Result<Pending, database::Error> {
    let row = sqlx::query!(
        r#"
        select count(*) as count, timestampdiff(second, min(created_at), current_timestamp(6)) as oldest
        from outbox
        where published_at is null
        "#
    )
    .fetch_one(database.pool())
    .await?;
    Ok(Pending {
        count: row.count.unsigned_abs(),
        oldest: row.oldest.map(|seconds| Duration::from_secs(seconds.unsigned_abs())),
    })
}

/// Takes messages that are due for `relay`; rows that another relay is just taking are passed over.
pub async fn lease(database: &Database, relay: Uuid) -> Result<Vec<Owed>, database::Error> {
    database
        .retry(|| async {
            let mut tx = database.begin().await?;
            let leased = lease_in(&mut tx, relay).await.map_err(database::Error::from);
            tx.end_at("outbox::lease", leased).await
        })
        .await
}

async fn lease_in(tx: &mut MySqlConnection, relay: Uuid) -> Result<Vec<Owed>, sqlx::Error> {
    let owed = sqlx::query_as!(
        Owed,
        r#"
        select id as "id: Uuid", type as kind, version, payload
        from outbox
        where published_at is null and next_at <= current_timestamp(6)
        order by next_at
        limit ?
        for update skip locked
        "#,
        BATCH as u64,
    )
    .fetch_all(&mut *tx)
    .await?;
    if !owed.is_empty() {
        let mut lease = QueryBuilder::new("update outbox set leased_by = ");
        lease.push_bind(relay);
        lease.push(", next_at = current_timestamp(6) + interval ");
        lease.push_bind(LEASE_SECONDS);
        lease.push(" second where ");
        push_ids(&mut lease, owed.iter().map(|message| message.id));
        lease.build().execute(tx).await?;
    }
    Ok(owed)
}

/// Marks what the broker has taken. A lease that has ended meanwhile changes nothing about that.
pub async fn mark_published(database: &Database, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    let mut mark = QueryBuilder::new(
        "update outbox set published_at = current_timestamp(6), leased_by = null where published_at is null and ",
    );
    push_ids(&mut mark, ids.iter().copied());
    mark.build().execute(database.pool()).await?;
    Ok(())
}

/// Puts off what the broker could not route or keep, each time for longer: 2 s, 4 s, up to about 4 minutes.
pub async fn postpone(database: &Database, relay: Uuid, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    // MySQL assigns from left to right: the wait is reckoned from the new count.
    let mut postpone = QueryBuilder::new(
        "update outbox set attempts = attempts + 1, leased_by = null,
         next_at = current_timestamp(6) + interval pow(2, least(attempts, 8)) second where leased_by = ",
    );
    postpone.push_bind(relay);
    postpone.push(" and ");
    push_ids(&mut postpone, ids.iter().copied());
    postpone.build().execute(database.pool()).await?;
    Ok(())
}

/// Gives everything back that `relay` holds, due at once: the broker went away.
pub async fn release(database: &Database, relay: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update outbox set leased_by = null, next_at = current_timestamp(6)
        where published_at is null and leased_by = ?
        "#,
        relay
    )
    .execute(database.pool())
    .await?;
    Ok(())
}

/// Empties the payloads of messages that were published some days ago.
pub async fn empty_old_payloads(database: &Database) -> Result<(), sqlx::Error> {
    const AT_ONCE: u64 = 500;
    loop {
        let emptied = sqlx::query!(
            r#"
            update outbox set payload = ''
            where published_at < current_timestamp(6) - interval ? day and payload <> ''
            limit ?
            "#,
            KEEP_DAYS,
            AT_ONCE
        )
        .execute(database.pool())
        .await?
        .rows_affected();
        if emptied < AT_ONCE {
            return Ok(());
        }
    }
}

fn push_ids(query: &mut QueryBuilder<MySql>, ids: impl Iterator<Item = Uuid>) {
    query.push("id in (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id);
    }
    query.push(")");
}
