//! For tests and checkers: planned faults, what people do outside the shop, and the books in short. The secret key
//! opens it.

mod summary;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};

use crate::{
    Bank,
    books::Draft,
    call::{authorise, respond},
    dispute,
    error::{Failure, Reply},
    fault::Item,
    intent,
    params::Params,
    refund,
};

/// `/control` and `/healthz`.
pub fn routes() -> Router<Arc<Bank>> {
    Router::new()
        .route("/control/faults", post(plan_faults))
        .route("/control/ledger", get(show_ledger))
        .route("/control/refunds", post(refund_by_hand))
        .route("/control/cancels", post(cancel_by_hand))
        .route("/control/disputes", post(open_dispute))
        .route("/control/disputes/{id}", post(advance_dispute))
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
        Ok(()) => Json(bank.books.read(summary::summary)).into_response(),
        Err(failure) => respond(&failure.reply(), None),
    }
}

/// Somebody gives money back in the bank's dashboard: the form of `POST /v1/refunds`.
async fn refund_by_hand(State(bank): State<Arc<Bank>>, headers: HeaderMap, body: Bytes) -> Response {
    act(&bank, &headers, &body, refund::create).await
}

/// Somebody gives a payment up there: `payment_intent`, and the form of `POST /v1/payment_intents/{id}/cancel`.
async fn cancel_by_hand(State(bank): State<Arc<Bank>>, headers: HeaderMap, body: Bytes) -> Response {
    act(&bank, &headers, &body, intent::cancel_by_hand).await
}

async fn open_dispute(State(bank): State<Arc<Bank>>, headers: HeaderMap, body: Bytes) -> Response {
    act(&bank, &headers, &body, dispute::create).await
}

async fn advance_dispute(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&bank, &headers, &body, move |draft, params| dispute::advance(draft, &id, params)).await
}

/// One change by a form, out of reach of faults and keys.
async fn act<W>(bank: &Bank, headers: &HeaderMap, body: &[u8], work: W) -> Response
where
    W: FnOnce(&mut Draft<'_>, Params) -> Result<Reply, Failure> + Send + 'static,
{
    let params = authorise(headers, &bank.config.secret_key).and_then(|()| Params::parse(body));
    let reply = match params {
        Ok(params) => bank.write(move |draft| work(draft, params)).await,
        Err(failure) => Err(failure),
    };
    respond(&reply.unwrap_or_else(|failure| failure.reply()), None)
}
