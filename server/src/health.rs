//! What a load balancer asks: whether the process lives, and whether it can be given work.

use axum::extract::State;
use axum::http::StatusCode;
use database::Database;
use tokio_util::sync::CancellationToken;

use crate::MIGRATIONS;

/// What readiness depends on.
#[derive(Clone)]
pub(crate) struct Health {
    pub database: Database,
    pub stop: CancellationToken,
}

/// The process answers. Asks nothing outside it: a database that blinks must not restart every shop.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// The database answers, has this version's schema, and the shop is not closing. Broker, bank and mail may be
/// away: the shop still sells.
pub(crate) async fn ready(State(health): State<Health>) -> (StatusCode, &'static str) {
    if health.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "closing\n");
    }
    match database::schema::is_current(&health.database, &MIGRATIONS).await {
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "the schema is not this version's\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
