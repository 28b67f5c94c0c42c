//! The browser session: a cookie with an id, and everything else in the database. A request without the cookie
//! costs no query, and sets none until something is kept for it.

use identity::{IDLE_LIFETIME, SessionStore};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

/// The cookie's name where the shop is reached over TLS; the prefix binds it to this host, path and TLS.
const SECURE_NAME: &str = "__Host-octavo";
const PLAIN_NAME: &str = "octavo";

/// The name of the session's cookie.
pub(crate) fn cookie_name(https: bool) -> &'static str {
    if https { SECURE_NAME } else { PLAIN_NAME }
}

pub(crate) fn layer(store: SessionStore, https: bool) -> SessionManagerLayer<SessionStore> {
    SessionManagerLayer::new(store)
        .with_name(cookie_name(https))
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(IDLE_LIFETIME))
}
