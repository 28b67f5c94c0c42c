//! The one place where a server function's answer gets its status, and where a plain form is answered: server functions
//! always see an API client, and a browser that sent a form is led to a page by a 303, with what was wrong and what
//! was typed waiting there.

use std::collections::BTreeMap;

use app::error::{AppError, ProblemJson};
use app::gateway::{NOTICE_KEY, PlainForm};
use app::view::Notice;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::server_fn::Decodes;
use tower_sessions::Session;

use super::refusal::Asker;

/// The largest form that is taken, in bytes.
const LARGEST: usize = 64 * 1024;
/// The header by which Leptos marks an error.
const ERROR_MARK: &str = "serverfnerror";
const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) async fn answer(request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let asker = Asker::of_parts(&parts);
    let is_form = parts.method == Method::POST && asker.wants_page;
    let bytes = match read(&parts.method, &parts.headers, body).await {
        Ok(bytes) => bytes,
        Err(error) => return asker.refuse(&error),
    };
    let caller = Caller {
        session: parts.extensions.get::<Session>().cloned(),
        came_from: came_from(&parts.headers).unwrap_or_else(|| page_of(parts.uri.path()).to_owned()),
        fields: if is_form { typed(&bytes) } else { BTreeMap::new() },
    };
    if is_form {
        parts.extensions.insert(PlainForm);
    }
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    match outcome(response).await {
        Ok(response) if is_form => led_on(&response, &caller.came_from),
        Ok(response) => response,
        Err((error, _)) if is_form => caller.turned_back(error, &asker).await,
        Err((error, headers)) => {
            let mut response = asker.refuse(&error);
            response.headers_mut().extend(headers);
            response
        }
    }
}

async fn read(method: &Method, headers: &HeaderMap, body: Body) -> Result<Bytes, AppError> {
    if *method == Method::POST {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != FORM && kind != "application/json" {
            return Err(AppError::UnsupportedType);
        }
    }
    to_bytes(body, LARGEST).await.map_err(|_| AppError::TooLarge)
}

/// What a server function came to: its answer, or its error with the headers that belong to it.
async fn outcome(response: Response) -> Result<Response, (AppError, HeaderMap)> {
    let (parts, body) = response.into_parts();
    if parts.headers.contains_key(ERROR_MARK) {
        let kept = [header::LOCATION, HeaderName::from_static("idempotent-replayed")];
        let headers = kept.into_iter().filter_map(|name| Some((name.clone(), parts.headers.get(name)?.clone())));
        let headers = headers.collect();
        let bytes = to_bytes(body, LARGEST).await.unwrap_or_default();
        return Err((ProblemJson::decode(bytes).unwrap_or(AppError::Broken), headers));
    }
    match parts.status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Err((AppError::NotFound, HeaderMap::new())),
        status if status.is_server_error() => Err((AppError::Broken, HeaderMap::new())),
        _ => Ok(Response::from_parts(parts, body)),
    }
}

/// Who sent a form, and from which page.
struct Caller {
    session: Option<Session>,
    came_from: String,
    fields: BTreeMap<String, String>,
}

impl Caller {
    /// Back to the form, which shows why and what was typed.
    async fn turned_back(self, error: AppError, asker: &Asker) -> Response {
        // What is not the form's fault has a page of its own, with the request's id.
        if matches!(error, AppError::Broken | AppError::Busy) {
            return asker.refuse(&error);
        }
        let (page, query) = self.came_from.split_once('?').unwrap_or((&self.came_from, ""));
        if error == AppError::SignInNeeded {
            return see_other(&format!("/sign-in?{}", encoded(&[("next", page)])));
        }
        let notice = Notice { id: format!("{:016x}", rand::random::<u64>()), error, book: None, fields: self.fields };
        let stored = match &self.session {
            Some(session) => session.insert(NOTICE_KEY, &notice).await.is_ok(),
            None => false,
        };
        if !stored {
            return asker.refuse(&notice.error);
        }
        let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        pairs.retain(|(name, _)| name != "notice");
        pairs.push(("notice".to_owned(), notice.id));
        see_other(&format!("{page}?{}", encoded(&pairs)))
    }
}

/// On to where the server function leads, with the headers that it set.
fn led_on(response: &Response, came_from: &str) -> Response {
    let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or(came_from);
    let mut redirect = see_other(to);
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH && name != header::LOCATION {
            redirect.headers_mut().append(name.clone(), value.clone());
        }
    }
    redirect
}

fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// The page of ours that the form stood on: path and query of the `Referer`.
fn came_from(headers: &HeaderMap) -> Option<String> {
    let referer: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let path = referer.path_and_query()?.as_str();
    Some(app::gateway::local_path(path).to_owned())
}

/// The page with a server function's form, for browsers that do not say where they come from.
fn page_of(function: &str) -> &'static str {
    match function {
        "/api/add_to_basket" | "/api/set_quantity" | "/api/set_delivery" | "/api/add_code" | "/api/remove_code" => {
            "/basket"
        }
        "/api/place_order" => "/checkout",
        "/api/cancel_order" | "/api/prove_address" | "/api/send_address_proof" => "/orders",
        "/api/sign_in" => "/sign-in",
        "/api/sign_up" => "/sign-up",
        _ => "/",
    }
}

/// What was typed, to show it again: never a password, and no token.
fn typed(body: &[u8]) -> BTreeMap<String, String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
    pairs.into_iter().filter(|(name, _)| !name.contains("password") && name != "token").collect()
}

fn encoded(pairs: &(impl serde::Serialize + ?Sized)) -> String {
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_kept_to_be_shown_again() {
        let fields = typed(b"email=a%40b.example&password=hunter2hunter2&new_password=x&token=abc");
        assert_eq!(fields.into_iter().collect::<Vec<_>>(), [("email".into(), "a@b.example".into())]);
    }

    #[test]
    fn a_refused_form_leads_back_to_our_page_and_nowhere_else() {
        let from = |referer: &'static str| {
            came_from(&HeaderMap::from_iter([(header::REFERER, HeaderValue::from_static(referer))]))
        };
        assert_eq!(from("http://shop/book/emma?x=1").as_deref(), Some("/book/emma?x=1"));
        assert_eq!(from("http://evil//evil.example").as_deref(), Some("/"));
        assert_eq!(from("nonsense nonsense"), None);
    }
}
