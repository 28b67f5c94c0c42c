//! What the notifier answers over HTTP: whether it lives and is ready, and, to staff, how mails stand.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use database::{Database, schema};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::{MIGRATIONS, mail};

#[derive(Clone)]
struct Desk {
    database: Database,
    credential: Option<Arc<SecretString>>,
}

#[derive(Deserialize)]
struct Filter {
    state: Option<mail::State>,
}

/// Every address.
pub fn router(database: Database, credential: Option<SecretString>) -> Router {
    Router::new()
        .route("/livez", get(StatusCode::OK))
        .route("/readyz", get(ready))
        .route("/mails", get(list_mails))
        .with_state(Desk { database, credential: credential.map(Arc::new) })
}

async fn ready(State(desk): State<Desk>) -> StatusCode {
    match schema::is_current(&desk.database, &MIGRATIONS).await {
        Ok(true) => StatusCode::OK,
        Ok(false) | Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn list_mails(
    State(desk): State<Desk>,
    headers: HeaderMap,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Response {
    if !desk.admits(&headers) {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response();
    }
    let Ok(Query(filter)) = filter else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match mail::list(&desk.database, filter.state).await {
        Ok(mails) => ([(header::CACHE_CONTROL, "no-store")], Json(mails)).into_response(),
        Err(error) => {
            tracing::error!(%error, "mails could not be listed");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

impl Desk {
    /// Without a credential no one is let in.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(credential) = &self.credential else { return false };
        headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
            .is_some_and(|token| token.ct_eq(credential.expose_secret().as_bytes()).into())
    }
}
