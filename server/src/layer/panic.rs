//! A panic while a request is answered costs that request a 500 and nobody else anything.

use std::panic::AssertUnwindSafe;

use app::error::AppError;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;

use super::refusal::Asker;

pub(crate) async fn catch(request: Request, next: Next) -> Response {
    let asker = Asker::of(request.headers(), request.extensions());
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
            tracing::error!(panic = words, "answering a request panicked");
            asker.refuse(&AppError::Broken)
        }
    }
}
