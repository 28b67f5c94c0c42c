//! Headers that tell browsers what our pages never do, and caches what they may keep.

use app::shell::content_security_policy;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

pub(crate) async fn add(State(https): State<bool>, request: Request, next: Next) -> Response {
    let private = is_private(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // Pages that run scripts bring their own, with a nonce.
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(None)) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    default(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(headers, header::REFERRER_POLICY, "same-origin");
    default(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(headers, HeaderName::from_static("cross-origin-embedder-policy"), "require-corp");
    default(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    default(headers, HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    // Every page shows who is signed in, so no shared cache may keep it; what is personal is kept nowhere.
    default(headers, header::CACHE_CONTROL, if private { "no-store" } else { "private, no-cache" });
    if https {
        default(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    response
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

fn is_private(path: &str) -> bool {
    const PRIVATE: [&str; 7] = ["/api/", "/basket", "/checkout", "/order", "/prove-address/", "/sign-", "/webhooks/"];
    PRIVATE.iter().any(|start| path.starts_with(start))
}
