//! Events: told in the change that they speak of, then posted, signed, until the shop says 2xx.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

use crate::{
    Bank,
    books::{Draft, Entry},
    clock::now_ms,
    error::{Failure, Reply},
    fault::Webhooks,
    id,
    list::{Listed, list},
    params::Params,
};

/// The version whose shapes the bank speaks.
pub const API_VERSION: &str = "2026-09-30.dahlia";
/// Seconds before each further try; the last one repeats.
const WAITS: [i64; 9] = [1, 2, 5, 10, 30, 60, 300, 900, 3600];
/// After this, in milliseconds, the bank gives up.
const PATIENCE_MS: i64 = 3 * 24 * 3600 * 1000;
const TIMEOUT: Duration = Duration::from_secs(10);
/// How many events are posted at once; so their order is nobody's promise, as at Stripe.
const BATCH: usize = 16;

/// Something that happened, with the object as it then was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub kind: String,
    pub created_ms: i64,
    pub object: Value,
}

impl Event {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created_ms / 1000,
            "data": { "object": self.object },
            "livemode": false,
            "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null },
            "type": self.kind,
        })
    }
}

impl Listed for Event {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created_ms / 1000
    }
}

/// How far an event has come on its way to the shop.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivery {
    pub event: String,
    pub attempts: usize,
    /// Unix milliseconds of the next try; none once it has arrived or been given up.
    pub next_ms: Option<i64>,
}

impl Delivery {
    /// A delivery that nobody has tried.
    pub fn first(event: &Event) -> Self {
        Self { event: event.id.clone(), attempts: 0, next_ms: Some(event.created_ms) }
    }

    fn after(&self, delivered: bool, event: &Event, now_ms: i64) -> Self {
        let wait = WAITS.get(self.attempts).or(WAITS.last()).copied().unwrap_or(3600);
        let next = now_ms + wait * 1000;
        let hopeless = next > event.created_ms + PATIENCE_MS;
        if hopeless && !delivered {
            tracing::error!(event = event.id, kind = event.kind, "a webhook was given up");
        }
        Self {
            event: self.event.clone(),
            attempts: self.attempts + 1,
            next_ms: (!delivered && !hopeless).then_some(next),
        }
    }
}

/// Tells the world, as part of the change.
pub fn announce(draft: &mut Draft<'_>, kind: &str, object: Value) {
    let event = Event { id: id::fresh("evt_", 24), kind: kind.to_owned(), created_ms: draft.now_ms, object };
    draft.put(Entry::Event(event));
}

/// `GET /v1/events/{id}`
pub fn show(draft: &mut Draft<'_>, id: &str, params: Params) -> Result<Reply, Failure> {
    params.finish()?;
    match draft.state.events.find(id) {
        Some(event) => Ok(Reply::ok(&event.json())),
        None => Err(Failure::missing("event", "id", id)),
    }
}

/// `GET /v1/events`
pub fn index(draft: &mut Draft<'_>, mut params: Params) -> Result<Reply, Failure> {
    let kind = params.text("type", 100)?;
    let wanted = |event: &&Event| kind.as_ref().is_none_or(|kind| event.kind == *kind);
    list("/v1/events", draft.state.events.newest_first().filter(wanted), params, Event::json)
}

/// `t=…,v1=…` over the exact bytes of the body, at a moment in unix seconds.
pub fn signature(secret: &str, body: &str, now: i64) -> String {
    format!("t={now},v1={}", sign(secret, body, now))
}

/// The same with a signature for each secret, as while one is rotated.
fn signatures(secrets: &[String], body: &str, now: i64) -> String {
    let each = secrets.iter().map(|secret| format!(",v1={}", sign(secret, body, now)));
    format!("t={now}{}", each.collect::<String>())
}

fn sign(secret: &str, body: &str, now: i64) -> String {
    let mut mac = match Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    };
    mac.update(format!("{now}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Posts what is due, again and again, until told to stop.
pub async fn run(bank: Arc<Bank>, stop: CancellationToken) {
    let Some(url) = bank.config.webhook_url.clone() else {
        return;
    };
    loop {
        let more = stop.run_until_cancelled(step(&bank, &url)).await;
        let Some(more) = more else { return };
        let pause = tokio::time::sleep(Duration::from_millis(200));
        tokio::select! {
            () = stop.cancelled() => return,
            () = async {}, if more => {}
            () = pause => {}
            () = bank.books.news.notified() => {}
        }
    }
}

/// One batch. Whether there was a full one, so more may wait.
async fn step(bank: &Arc<Bank>, url: &str) -> bool {
    let mode = bank.faults.webhooks();
    let now = now_ms();
    let held = mode.hold_ms();
    let mut batch: Vec<(Delivery, Event)> = bank.books.read(|state| {
        let due = state.deliveries.values().filter_map(|delivery| {
            let event = state.events.find(&delivery.event)?;
            let due = delivery.next_ms? <= now && event.created_ms + held <= now;
            due.then_some((delivery, event))
        });
        let mut due: Vec<_> = due.collect();
        due.sort_by_key(|(delivery, event)| (delivery.next_ms, event.created_ms));
        // Copied only now: behind a shop that is slow, many more wait than are posted.
        due.into_iter().take(BATCH).map(|(delivery, event)| (delivery.clone(), event.clone())).collect()
    });
    if batch.is_empty() {
        return false;
    }
    let outcomes = match mode {
        Webhooks::Never => vec![true; batch.len()],
        Webhooks::Shuffled { .. } => {
            batch.shuffle(&mut rand::rng());
            let mut outcomes = Vec::new();
            for (_, event) in &batch {
                outcomes.push(post(bank, url, event).await);
            }
            outcomes
        }
        Webhooks::Twice => {
            let twice = |event| async move {
                let (first, second) = tokio::join!(post(bank, url, event), post(bank, url, event));
                first && second
            };
            join_all(batch.iter().map(|(_, event)| twice(event))).await
        }
        Webhooks::Normal | Webhooks::Delayed { .. } => {
            join_all(batch.iter().map(|(_, event)| post(bank, url, event))).await
        }
    };
    let full = batch.len() == BATCH;
    let now = now_ms();
    let _failure_is_logged = bank
        .write(move |draft| {
            for ((delivery, event), delivered) in batch.iter().zip(outcomes) {
                draft.put(Entry::Delivery(delivery.after(delivered, event, now)));
            }
            Ok::<_, Failure>(())
        })
        .await;
    full
}

async fn post(bank: &Bank, url: &str, event: &Event) -> bool {
    let body = event.json().to_string();
    let mut secrets = bank.faults.webhook_secrets();
    if secrets.is_empty() {
        secrets.push(bank.config.webhook_secret.clone());
    }
    let signature = signatures(&secrets, &body, now_ms() / 1000);
    let request = bank
        .http
        .post(url)
        .header("Content-Type", "application/json; charset=utf-8")
        .header("Stripe-Signature", signature)
        .timeout(TIMEOUT)
        .body(body);
    match request.send().await {
        Ok(answer) if answer.status().is_success() => true,
        Ok(answer) => {
            tracing::warn!(event = event.id, kind = event.kind, status = %answer.status(), "a webhook was refused");
            false
        }
        Err(error) => {
            let error = error.without_url();
            tracing::warn!(event = event.id, kind = event.kind, %error, "a webhook did not arrive");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Delivery, Event, PATIENCE_MS, signature};

    #[test]
    fn the_signature_is_stripes() {
        // From `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test`.
        assert_eq!(
            signature("whsec_test", r#"{"a":1}"#, 1_700_000_000),
            "t=1700000000,v1=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789"
        );
    }

    #[test]
    fn waits_grow_and_end() {
        let event = Event { id: "evt_1".to_owned(), kind: String::new(), created_ms: 0, object: json!({}) };
        let mut delivery = Delivery::first(&event);
        let mut waits = Vec::new();
        let mut now = 0;
        while let Some(next) = delivery.after(false, &event, now).next_ms {
            waits.push((next - now) / 1000);
            delivery = delivery.after(false, &event, now);
            now = next;
        }
        assert_eq!(waits.get(..6).unwrap(), [1, 2, 5, 10, 30, 60]);
        assert!(now <= PATIENCE_MS && now > PATIENCE_MS - 3_600_000);
        assert!(Delivery::first(&event).after(true, &event, 0).next_ms.is_none());
    }
}
