//! Only our own pages may change anything: by `Sec-Fetch-Site`, else by `Origin` (tower-http's layer), and for a
//! request with our session's cookie one of the two must be there.

use app::error::AppError;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::csrf::{ConfigError, CsrfLayer, ProtectionError};

use super::refusal::Asker;

/// tower-http's layer: what comes from another site is marked and refused by [`words`].
pub(crate) fn layer(public_url: &str) -> Result<CsrfLayer, ConfigError> {
    CsrfLayer::new().add_trusted_origin(public_url)
}

/// Puts the layer's bare refusal into words, and adds the strict rule for requests with a session.
pub(crate) async fn words(State(cookie): State<&'static str>, request: Request, next: Next) -> Response {
    let asker = Asker::of(request.headers(), request.extensions());
    if !request.method().is_safe() && has_cookie(request.headers(), cookie) && !is_proven(request.headers()) {
        return refused(&asker);
    }
    let response = next.run(request).await;
    if response.extensions().get::<ProtectionError>().is_some() { refused(&asker) } else { response }
}

fn refused(asker: &Asker) -> Response {
    tracing::warn!("csrf.refused");
    asker.refuse(&AppError::CrossSite)
}

fn is_proven(headers: &HeaderMap) -> bool {
    // An empty header proves nothing.
    let says_something = |name: &str| headers.get(name).is_some_and(|value| !value.is_empty());
    says_something(header::ORIGIN.as_str()) || says_something("sec-fetch-site")
}

fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .any(|pair| pair.trim().split_once('=').is_some_and(|(key, _)| key == name))
}
