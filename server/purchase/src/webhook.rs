//! The bank's webhooks: checked, stored, answered; the worker then asks the bank what is true.

use std::collections::{BTreeSet, HashMap, HashSet};

use database::{Database, is_duplicate};
use serde::{Deserialize, Serialize};
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::list;
use crate::payment::{self, SignatureError};
use crate::purchase::Purchase;
use crate::refund::bank_news;
use crate::settle::attempt;
use crate::till::Counter;

/// Why a webhook is not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Not signed by the bank, or too long ago.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Signed, but not an event that can be read.
    #[error("the event cannot be read")]
    Malformed,
    /// It could not be stored; the bank sends it again.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// An event, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Event {
    id: String,
    r#type: String,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    object: EventObject,
}

#[derive(Deserialize)]
struct EventObject {
    id: Option<String>,
    metadata: Option<HashMap<String, String>>,
    payment_intent: Option<String>,
}

impl Event {
    /// The attempt that it is about, if it is one of ours.
    fn attempt(&self) -> Option<Uuid> {
        self.data.object.metadata.as_ref()?.get("attempt")?.parse().ok()
    }
}

impl Purchase {
    /// Takes one delivery: `signature` is the header's text, `body` the raw bytes. A second delivery of the same
    /// event changes nothing. An event of something that is not ours is stored and left alone.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn take_webhook(&self, signature: &str, body: &[u8]) -> Result<(), WebhookError> {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        payment::verify(&self.settings().webhook_secret, signature, body, now)?;
        let event: Event = serde_json::from_slice(body).map_err(|_| WebhookError::Malformed)?;
        let object = &event.data.object;
        let too_long = [Some(&event.id), object.id.as_ref(), object.payment_intent.as_ref()]
            .into_iter()
            .flatten()
            .any(|id| id.len() > 120 || !id.is_ascii());
        if too_long || event.r#type.len() > 80 || !event.r#type.is_ascii() {
            return Err(WebhookError::Malformed);
        }
        let (id, kind) = (event.id.clone(), event.r#type.clone());
        let new = self.tills().events.ask(event).await?;
        tracing::info!(event = id, r#type = kind, new, "payment.webhook");
        if new {
            self.wake_worker();
        }
        Ok(())
    }
}

/// Where events are stored.
pub(crate) struct EventCounter {
    pub database: Database,
}

impl Counter for EventCounter {
    type Entry = Event;
    /// Whether it had not been stored before.
    type Answer = bool;
    type Key = String;

    fn keys(event: &Event) -> impl Iterator<Item = String> {
        std::iter::once(event.id.clone())
    }

    async fn serve(&self, events: &[&Event]) -> Result<Vec<bool>, Error> {
        self.database
            .retry(|| async {
                let mut tx = self.database.begin().await?;
                let result = store(&mut tx, events).await;
                // Another instance was faster with one of them, which spoils the INSERT of all: alone it is an answer.
                if let (Err(Error::Database(database::Error::Sqlx(error))), [_]) = (&result, events)
                    && is_duplicate(error)
                {
                    tx.roll_back().await;
                    return Ok(vec![false]);
                }
                tx.end(result).await
            })
            .await
    }
}

#[derive(Serialize)]
struct EventRow<'a> {
    id: &'a str,
    kind: &'a str,
    attempt: Option<String>,
    object: Option<&'a str>,
    intent: Option<&'a str>,
    news: bool,
}

/// Stores the new ones among these events, and makes the attempts due that they are about.
async fn store(tx: &mut MySqlConnection, events: &[&Event]) -> Result<Vec<bool>, Error> {
    let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    let known = sqlx::query_scalar!(
        r#"
        select webhook_event.id
        from json_table(?, '$[*]' columns (id varchar(120) character set ascii collate ascii_bin path '$')) as list
             straight_join webhook_event force index (primary) on webhook_event.id = list.id
        "#,
        list::of(&ids)?
    )
    .fetch_all(&mut *tx)
    .await?;
    let known: HashSet<String> = known.into_iter().collect();
    let new: Vec<&Event> = events.iter().copied().filter(|event| !known.contains(&event.id)).collect();
    if !new.is_empty() {
        insert(tx, &new).await?;
        let attempts: BTreeSet<Uuid> = new.iter().filter_map(|event| event.attempt()).collect();
        attempt::make_due(tx, &attempts).await?;
    }
    Ok(events.iter().map(|event| !known.contains(&event.id)).collect())
}

async fn insert(tx: &mut MySqlConnection, events: &[&Event]) -> Result<(), Error> {
    let rows: Vec<EventRow<'_>> = events
        .iter()
        .map(|event| EventRow {
            id: &event.id,
            kind: &event.r#type,
            attempt: event.attempt().map(|attempt| attempt.simple().to_string()),
            object: event.data.object.id.as_deref(),
            intent: event.data.object.payment_intent.as_deref(),
            news: bank_news::is_news(&event.r#type),
        })
        .collect();
    sqlx::query!(
        r#"
        insert into webhook_event (id, type, attempt_id, object_id, intent_id, worked_at)
        select list.id, list.kind, unhex(list.attempt), list.object_id, list.intent_id,
               if(list.news, null, utc_timestamp(6))
        from json_table(?, '$[*]' columns (
                 id varchar(120) path '$.id', kind varchar(80) path '$.kind', attempt char(32) path '$.attempt',
                 object_id varchar(120) path '$.object', intent_id varchar(120) path '$.intent',
                 news boolean path '$.news')) as list
        "#,
        list::of(&rows)?
    )
    .execute(tx)
    .await?;
    Ok(())
}
