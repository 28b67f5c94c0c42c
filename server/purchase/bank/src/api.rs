//! The routes of Stripe's v1 API that this bank knows.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
    routing::{MethodFilter, MethodRouter, on},
};

use crate::{
    Bank,
    books::Draft,
    call::{Call, respond},
    dispute,
    error::{Failure, Reply},
    intent,
    params::Params,
    refund, session, webhook,
};

/// Work on a collection.
type All = fn(&mut Draft<'_>, Params) -> Result<Reply, Failure>;
/// Work on the object that the path names.
type One = fn(&mut Draft<'_>, &str, Params) -> Result<Reply, Failure>;

const GET: MethodFilter = MethodFilter::GET;
const POST: MethodFilter = MethodFilter::POST;

/// Everything under `/v1`.
pub fn routes() -> Router<Arc<Bank>> {
    Router::new()
        .route("/v1/checkout/sessions", all(POST, session::create))
        .route("/v1/checkout/sessions/{id}", one(GET, session::show))
        .route("/v1/checkout/sessions/{id}/expire", one(POST, session::expire))
        .route("/v1/payment_intents", all(POST, intent::create))
        .route("/v1/payment_intents", all(GET, intent::index))
        .route("/v1/payment_intents/{id}", one(GET, intent::show))
        .route("/v1/payment_intents/{id}/confirm", one(POST, intent::confirm))
        .route("/v1/payment_intents/{id}/capture", one(POST, intent::capture))
        .route("/v1/payment_intents/{id}/cancel", one(POST, intent::cancel))
        .route("/v1/refunds", all(POST, refund::create))
        .route("/v1/refunds", all(GET, refund::index))
        .route("/v1/refunds/{id}", one(GET, refund::show))
        .route("/v1/disputes", all(GET, dispute::index))
        .route("/v1/disputes/{id}", one(GET, dispute::show))
        .route("/v1/events", all(GET, webhook::index))
        .route("/v1/events/{id}", one(GET, webhook::show))
        .route("/v1/{*rest}", axum::routing::any(unknown))
}

fn all(method: MethodFilter, work: All) -> MethodRouter<Arc<Bank>> {
    on(method, move |State(bank): State<Arc<Bank>>, call: Call| call.perform(bank, work))
}

fn one(method: MethodFilter, work: One) -> MethodRouter<Arc<Bank>> {
    on(method, move |State(bank): State<Arc<Bank>>, Path(id): Path<String>, call: Call| {
        call.perform(bank, move |draft, params| work(draft, &id, params))
    })
}

async fn unknown(method: axum::http::Method, uri: axum::http::Uri) -> Response {
    let message = format!("Unrecognized request URL ({method}: {}).", uri.path());
    respond(&Failure { status: 404, ..Failure::malformed(message) }.reply(), None).into_response()
}
