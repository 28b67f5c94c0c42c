//! The bank's webhooks: checked, stored, answered; the worker then asks the bank what is true.

use std::collections::HashMap;

use database::is_duplicate;
use serde::Deserialize;
use uuid::Uuid;

use crate::Error;
use crate::payment::{self, SignatureError};
use crate::purchase::Purchase;
use crate::refund::bank_news;
use crate::settle::attempt;

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

#[derive(Deserialize)]
struct Event {
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
        let new = self.database().retry(|| self.store_event(&event)).await?;
        tracing::info!(event = event.id, r#type = event.r#type, new, "payment.webhook");
        if new {
            self.wake_worker();
        }
        Ok(())
    }

    async fn store_event(&self, event: &Event) -> Result<bool, Error> {
        let mut tx = self.database().begin().await?;
        let result = async {
            let attempt = event.attempt();
            let object = &event.data.object;
            let stored = sqlx::query!(
                r#"
                insert into webhook_event (id, type, attempt_id, object_id, intent_id, worked_at)
                values (?, ?, ?, ?, ?, if(?, null, utc_timestamp(6)))
                "#,
                event.id,
                event.r#type,
                attempt,
                object.id,
                object.payment_intent,
                bank_news::is_news(&event.r#type)
            )
            .execute(&mut *tx)
            .await;
            match stored {
                Ok(_) => {}
                Err(error) if is_duplicate(&error) => return Ok(false),
                Err(error) => return Err(Error::from(error)),
            }
            if let Some(attempt) = attempt {
                attempt::make_due(&mut tx, attempt).await?;
            }
            Ok(true)
        }
        .await;
        tx.end(result).await
    }
}
