//! For tests and checkers: planned faults, and the books in short. The secret key opens it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{
    Bank,
    books::State as Records,
    call::{authorise, respond},
    error::Failure,
    fault::Item,
    intent::Intent,
};

/// `/control` and `/healthz`.
pub fn routes() -> Router<Arc<Bank>> {
    Router::new()
        .route("/control/faults", post(plan_faults))
        .route("/control/ledger", get(show_ledger))
        .route("/healthz", get(async || "ok\n"))
}

/// Replaces the faults in force by the JSON list in the body.
async fn plan_faults(State(bank): State<Arc<Bank>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(failure) = authorise(&headers, &bank.config.secret_key) {
        return respond(&failure.reply(), None);
    }
    match serde_json::from_slice::<Vec<Item>>(&body) {
        Ok(items) => {
            bank.faults.replace(items);
            bank.books.news.notify_one();
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => respond(&Failure::malformed(format!("No list of faults: {error}")).reply(), None),
    }
}

async fn show_ledger(State(bank): State<Arc<Bank>>, headers: HeaderMap) -> Response {
    match authorise(&headers, &bank.config.secret_key) {
        Ok(()) => Json(bank.books.read(ledger)).into_response(),
        Err(failure) => respond(&failure.reply(), None),
    }
}

/// Every intent, the newest first, and the sums for each currency, in minor units.
fn ledger(records: &Records) -> Value {
    let mut totals: BTreeMap<&str, [i64; 3]> = BTreeMap::new();
    let show = |intent: &Intent| {
        let session = intent.session.as_deref().and_then(|id| records.sessions.find(id));
        json!({
            "id": intent.id,
            "session": intent.session,
            "client_reference_id": session.and_then(|session| session.client_reference_id.as_deref()),
            "status": intent.status,
            "currency": intent.currency,
            "amount": intent.amount,
            "authorised": intent.authorised,
            "captured": intent.captured,
            "refunded": intent.refunded,
            "metadata": intent.metadata,
        })
    };
    let mut intents = Vec::new();
    for intent in records.intents.newest_first() {
        intents.push(show(intent));
        let [authorised, captured, refunded] = totals.entry(&intent.currency).or_default();
        *authorised += intent.authorised;
        *captured += intent.captured;
        *refunded += intent.refunded;
    }
    let totals: BTreeMap<_, _> = totals
        .into_iter()
        .map(|(currency, [authorised, captured, refunded])| {
            let sums = json!({
                "authorised": authorised,
                "captured": captured,
                "refunded": refunded,
                "net": captured - refunded,
            });
            (currency, sums)
        })
        .collect();
    json!({
        "intents": intents,
        "totals": totals,
        "undelivered_events": records.deliveries.len(),
    })
}
