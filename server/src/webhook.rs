//! The bank's door. Not a server function: it is signed instead of signed in, and its bytes must stay raw.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use purchase::{Purchase, WebhookError};

/// The largest event that is taken, in bytes.
pub(crate) const LARGEST: usize = 256 * 1024;

pub(crate) async fn take(State(purchase): State<Purchase>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match purchase.take_webhook(signature, &body).await {
        Ok(()) => StatusCode::OK,
        Err(error @ (WebhookError::Signature(_) | WebhookError::Malformed)) => {
            tracing::warn!(%error, "a webhook was refused");
            StatusCode::BAD_REQUEST
        }
        Err(WebhookError::Failed(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a webhook could not be stored");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
