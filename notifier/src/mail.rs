//! The table `mail`: every mail that is or was owed, and how it stands.

use std::collections::HashSet;
use std::time::Duration;

use database::Database;
use serde::{Deserialize, Serialize};
use sqlx::{MySql, MySqlConnection, QueryBuilder};
use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

use crate::letter::Letter;

/// How long a mail waits that may have been sent when its sender died.
const ORPHAN_WAIT_MINUTES: u32 = 15;

/// How a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum State {
    /// Owed, not tried.
    Pending,
    /// In a sender's hands.
    Sending,
    /// Taken by the mail server.
    Sent,
    /// Not taken this time; tried again.
    Retry,
    /// Given up.
    Failed,
    /// Came too late to be of use.
    Expired,
    /// Perhaps taken; sent again under the same Message-ID.
    Uncertain,
}

/// A mail in a sender's hands.
pub struct Leased {
    pub id: Uuid,
    pub recipient: String,
    pub mime: Vec<u8>,
    /// Tries, this one included.
    pub attempts: u32,
    /// Seconds since it was written down.
    pub age: i64,
}

/// What became of a try.
pub struct Outcome {
    pub state: State,
    /// Seconds until the next try.
    pub wait: u32,
    /// What the mail server said.
    pub answer: String,
}

/// Writes letters down as owed, all in one transaction and each once for its message; returns the messages that are new.
///
/// # Errors
/// When the database fails, or another notifier takes one of the messages in at the same moment: nothing is written down
/// then, and the next try knows better.
pub async fn take_in(database: &Database, letters: &[(Uuid, Letter)]) -> Result<HashSet<Uuid>, database::Error> {
    database
        .retry(|| async {
            let mut tx = database.begin().await?;
            let taken = take_in_tx(&mut tx, letters).await.map_err(database::Error::from);
            tx.end_at("notifier::take", taken).await
        })
        .await
}

async fn take_in_tx(tx: &mut MySqlConnection, letters: &[(Uuid, Letter)]) -> Result<HashSet<Uuid>, sqlx::Error> {
    let mut query = QueryBuilder::new("select message_id from inbox where ");
    push_ids(&mut query, "message_id", letters.iter().map(|(message_id, _)| *message_id));
    let mut seen: HashSet<Uuid> = query.build_query_scalar().fetch_all(&mut *tx).await?.into_iter().collect();
    // A message may also be twice among these.
    let new: Vec<&(Uuid, Letter)> = letters.iter().filter(|(message_id, _)| seen.insert(*message_id)).collect();
    if new.is_empty() {
        return Ok(HashSet::new());
    }
    let mut inbox = QueryBuilder::<MySql>::new("insert into inbox (message_id, type) ");
    inbox.push_values(&new, |mut row, (message_id, letter)| {
        row.push_bind(*message_id).push_bind(letter.kind);
    });
    inbox.build().execute(&mut *tx).await?;
    let mut mails = QueryBuilder::<MySql>::new(
        "insert into mail (id, message_id, kind, recipient, subject, mail_message_id, mime, not_after) ",
    );
    mails.push_values(&new, |mut row, (message_id, letter)| {
        row.push_bind(letter.id)
            .push_bind(*message_id)
            .push_bind(letter.kind)
            .push_bind(&letter.recipient)
            .push_bind(&letter.subject)
            .push_bind(&letter.message_id)
            .push_bind(&letter.mime)
            .push_bind(letter.not_after);
    });
    mails.build().execute(tx).await?;
    Ok(new.iter().map(|(message_id, _)| *message_id).collect())
}

/// Takes up to `most` mails that are due, each for `lease`; those that another sender is just taking are passed over.
pub async fn lease(
    database: &Database,
    sender: Uuid,
    most: usize,
    lease: Duration,
) -> Result<Vec<Leased>, database::Error> {
    database
        .retry(|| async {
            let mut tx = database.begin().await?;
            let leased = lease_in(&mut tx, sender, most as u64, lease.as_secs()).await.map_err(database::Error::from);
            tx.end_at("notifier::lease", leased).await
        })
        .await
}

async fn lease_in(tx: &mut MySqlConnection, sender: Uuid, most: u64, seconds: u64) -> Result<Vec<Leased>, sqlx::Error> {
    let mut leased = Vec::new();
    // State by state, so that the index gives the order and nothing but the mails taken is locked.
    for state in [State::Pending, State::Retry, State::Uncertain] {
        let due = sqlx::query!(
            r#"
            select id as "id: Uuid", recipient, mime, attempts,
                   timestampdiff(second, created_at, current_timestamp(6)) as "age!: i64",
                   coalesce(not_after <= current_timestamp(6), false) as "late!: bool"
            from mail
            where state = ? and next_at <= current_timestamp(6)
            order by next_at
            limit ?
            for update skip locked
            "#,
            state,
            most - leased.len() as u64,
        )
        .fetch_all(&mut *tx)
        .await?;
        for mail in due {
            if mail.late {
                sqlx::query!(r#"update mail set state = 'expired', mime = '' where id = ?"#, mail.id)
                    .execute(&mut *tx)
                    .await?;
                continue;
            }
            leased.push(Leased {
                id: mail.id,
                recipient: mail.recipient,
                mime: mail.mime,
                attempts: mail.attempts + 1,
                age: mail.age,
            });
        }
    }
    if !leased.is_empty() {
        let mut update = QueryBuilder::new("update mail set state = 'sending', attempts = attempts + 1, leased_by = ");
        update.push_bind(sender);
        update.push(", leased_until = current_timestamp(6) + interval ");
        update.push_bind(seconds);
        update.push(" second where ");
        push_ids(&mut update, "id", leased.iter().map(|mail| mail.id));
        update.build().execute(tx).await?;
    }
    Ok(leased)
}

fn push_ids(query: &mut QueryBuilder<MySql>, column: &str, ids: impl Iterator<Item = Uuid>) {
    query.push(column).push(" in (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id);
    }
    query.push(")");
}

/// Declares uncertain what a sender held that died: the mail server may have it.
pub async fn reclaim(database: &Database) -> Result<u64, sqlx::Error> {
    let reclaimed = sqlx::query!(
        r#"
        update mail set state = 'uncertain', leased_by = null, leased_until = null,
                        next_at = current_timestamp(6) + interval ? minute
        where state = 'sending' and leased_until <= current_timestamp(6)
        "#,
        ORPHAN_WAIT_MINUTES
    )
    .execute(database.pool())
    .await?;
    Ok(reclaimed.rows_affected())
}

/// Writes down what became of tries, all in one transaction; false for one whose lease had ended: it is another's. What
/// carries a link that works once is wiped as soon as no try will send it again.
pub async fn settle(
    database: &Database,
    sender: Uuid,
    outcomes: &[(Uuid, Outcome)],
) -> Result<Vec<bool>, database::Error> {
    database
        .retry(|| async {
            let mut tx = database.begin().await?;
            let settled = settle_in(&mut tx, sender, outcomes).await.map_err(database::Error::from);
            tx.end(settled).await
        })
        .await
}

async fn settle_in(
    tx: &mut MySqlConnection,
    sender: Uuid,
    outcomes: &[(Uuid, Outcome)],
) -> Result<Vec<bool>, sqlx::Error> {
    let mut settled = Vec::with_capacity(outcomes.len());
    for (id, outcome) in outcomes {
        let done = sqlx::query!(
            r#"
            update mail set state = ?, next_at = current_timestamp(6) + interval ? second, last_answer = ?,
                            leased_by = null, leased_until = null,
                            sent_at = if(? = 'sent', current_timestamp(6), null),
                            mime = if(? in ('sent', 'failed') and not_after is not null, '', mime)
            where id = ? and state = 'sending' and leased_by = ?
            "#,
            outcome.state,
            outcome.wait,
            outcome.answer,
            outcome.state,
            outcome.state,
            id,
            sender,
        )
        .execute(&mut *tx)
        .await?;
        settled.push(done.rows_affected() == 1);
    }
    Ok(settled)
}

/// A mail as staff see it: never with its content.
#[derive(Serialize)]
pub struct Listed {
    id: Uuid,
    state: State,
    kind: String,
    recipient: String,
    subject: String,
    attempts: u32,
    last_answer: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    next_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    sent_at: Option<OffsetDateTime>,
}

/// The newest 200 mails, or those in one state.
pub async fn list(database: &Database, state: Option<State>) -> Result<Vec<Listed>, sqlx::Error> {
    let utc = PrimitiveDateTime::assume_utc;
    let rows = sqlx::query!(
        r#"
        select id as "id: Uuid", state as "state: State", kind, recipient, subject, attempts, last_answer,
               created_at, next_at, sent_at
        from mail
        where ? is null or state = ?
        order by id desc
        limit 200
        "#,
        state,
        state,
    )
    .fetch_all(database.pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Listed {
            id: row.id,
            state: row.state,
            kind: row.kind,
            recipient: row.recipient,
            subject: row.subject,
            attempts: row.attempts,
            last_answer: row.last_answer,
            created_at: utc(row.created_at),
            next_at: utc(row.next_at),
            sent_at: row.sent_at.map(utc),
        })
        .collect())
}
