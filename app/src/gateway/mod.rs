//! The gateway, on the server only: who is calling, what may they do, which module answers, and how its answer
//! becomes ours. Every server function comes through here.

mod account;
mod basket;
mod books;
mod checkout;
mod cost;
mod failure;
mod orders;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use identity::{Customer, Identity, Shopper};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use purchase::Purchase;
use purchase::place::idempotency::{ClientKey, Key};
use purchase::place::token::Token;
use search::{Catalogue, Index};
use tower_sessions::Session;

use crate::error::AppError;
use crate::view::{Notice, Visitor};

/// Where a refused form waits in the session for its page.
pub const NOTICE_KEY: &str = "gateway.notice";

/// The modules behind the gateway; the server provides one to every page and server function. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    /// Who is calling.
    pub identity: Identity,
    /// What books there are.
    pub catalogue: Catalogue,
    /// Finding them.
    pub index: Index,
    /// Buying them.
    pub purchase: Purchase,
}

/// The id under which this request is written down.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Marks a request that a page's plain form has sent: its key is the token in the form.
#[derive(Clone, Copy, Debug)]
pub struct PlainForm;

impl Gateway {
    /// The gateway of the request that is being answered.
    #[must_use]
    pub fn current() -> Self {
        expect_context()
    }

    /// Whoever is calling, if they have put something into a basket or signed in before.
    ///
    /// # Errors
    /// When the session cannot be read.
    pub async fn shopper(&self) -> Result<Option<Shopper>, AppError> {
        Ok(self.identity.shopper(&session()?).await?)
    }

    /// The customer who is calling.
    ///
    /// # Errors
    /// [`AppError::SignInNeeded`] where nobody is signed in.
    pub async fn customer(&self) -> Result<Customer, AppError> {
        self.identity.customer(&session()?).await?.ok_or(AppError::SignInNeeded)
    }

    /// Who is looking, as the header shows it. Never fails, and leaves it to the page to tell what failed.
    pub async fn visitor(&self) -> Visitor {
        let shopper = match session() {
            Ok(session) => self.identity.shopper(&session).await.ok().flatten(),
            Err(_) => None,
        };
        let Some(shopper) = shopper else { return Visitor::default() };
        let basket_count = self.purchase.basket_count(&shopper).await.unwrap_or_default();
        let name = shopper.customer().map(|customer| customer.name().to_owned());
        Visitor { name, basket_count }
    }
}

/// The browser session of this request. Reading one that was never written costs no query.
///
/// # Errors
/// When the server has no session layer.
pub fn session() -> Result<Session, AppError> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Session>().cloned()).ok_or_else(|| {
        tracing::error!("a request without a session layer");
        AppError::Broken
    })
}

/// The key under which an order is sent: what the API client brought, or the form's own token.
///
/// # Errors
/// [`AppError::KeyMissing`], [`AppError::KeyMalformed`].
pub fn idempotency_key(token: Token) -> Result<Key, AppError> {
    let parts = use_context::<Parts>().ok_or(AppError::Broken)?;
    let mut fields = parts.headers.get_all("idempotency-key").iter();
    match (fields.next(), fields.next()) {
        (Some(field), None) => {
            field.to_str().ok().and_then(ClientKey::parse).map(Key::Client).ok_or(AppError::KeyMalformed)
        }
        (Some(_), Some(_)) => Err(AppError::KeyMalformed),
        (None, _) if parts.extensions.get::<PlainForm>().is_some() => Ok(Key::Form(token)),
        (None, _) => Err(AppError::KeyMissing),
    }
}

/// The refused form that this page is to show, if its address names the one that waits in the session.
pub async fn notice() -> Option<Notice> {
    let wanted = query("notice")?;
    let notice: Option<Notice> = session().ok()?.get(NOTICE_KEY).await.ok()?;
    let mut notice = notice.filter(|notice| notice.id == wanted)?;
    if let AppError::SoldOut { edition, .. } = notice.error {
        let titles = Gateway::current().catalogue.edition_titles(&[edition]).await.ok()?;
        notice.book = titles.first().map(basket::words_for);
    }
    Some(notice)
}

/// A parameter of the page's address.
#[must_use]
pub fn query(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(parts.uri.query()?).ok()?;
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The path of the page's address.
#[must_use]
pub fn path() -> String {
    use_context::<Parts>().map(|parts| parts.uri.path().to_owned()).unwrap_or_default()
}

/// The id under which this request is written down; pages that tell of a failure show it.
#[must_use]
pub fn request_id() -> String {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<RequestId>().map(|id| id.0.clone()))
        .unwrap_or_default()
}

/// Says where to look for the outcome: a form is led there, an API client finds it in `Location`.
pub fn lead_to(path: &str) {
    set_header(header::LOCATION, path);
}

/// Sets a header of the answer; does nothing where there is no answer yet to come.
pub fn set_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
        response.insert_header(name, value);
    }
}

/// `next` if it leads to a page of this shop, else the home page: an address must not send anybody elsewhere.
#[must_use]
pub fn local_path(next: &str) -> &str {
    let local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace());
    if local { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SECURITY 49.
    #[test]
    fn next_never_leads_to_another_site() {
        for next in
            ["//evil.example", "/\\evil.example", "https:evil", "https://evil.example", "", "evil", "/\t/evil", "/a\nb"]
        {
            assert_eq!(local_path(next), "/", "{next:?}");
        }
        assert_eq!(local_path("/checkout?a=b"), "/checkout?a=b");
    }
}
