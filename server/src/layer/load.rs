//! Sheds load: beyond a number of requests at once, the next is told to come back instead of waiting without end.

use std::sync::Arc;

use app::error::AppError;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Semaphore;

use super::refusal::Asker;

/// Requests that are worked on at once.
const MOST_AT_ONCE: usize = 512;

pub(crate) fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MOST_AT_ONCE))
}

pub(crate) async fn shed(State(places): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let Ok(_place) = places.try_acquire() else {
        return Asker::of(request.headers(), request.extensions()).refuse(&AppError::Busy);
    };
    next.run(request).await
}
