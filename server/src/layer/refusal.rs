//! How a layer says no: problem+json to API clients, a plain page to browsers.

use app::error::{AppError, ProblemJson};
use app::gateway::RequestId;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use leptos::config::LeptosOptions;
use leptos::server_fn::Encodes;

/// Whoever sent a request, as far as an answer needs to know it.
pub(crate) struct Asker {
    /// Whether it is a browser that shows pages.
    pub wants_page: bool,
    /// The id under which the request is written down.
    id: String,
    options: Option<LeptosOptions>,
}

impl Asker {
    pub(crate) fn of(headers: &HeaderMap, extensions: &Extensions) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        Self {
            wants_page: accept.is_some_and(|accept| accept.contains("text/html")),
            id: extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
            options: extensions.get::<LeptosOptions>().cloned(),
        }
    }

    pub(crate) fn of_parts(parts: &Parts) -> Self {
        Self::of(&parts.headers, &parts.extensions)
    }

    /// The answer that refuses the request.
    pub(crate) fn refuse(&self, error: &AppError) -> Response {
        let mut response = match &self.options {
            Some(options) if self.wants_page => {
                let page = if *error == AppError::Broken {
                    app::shell::broken_page(options, &self.id)
                } else {
                    app::shell::plain_page(options, error.title(), what_to_do(error), &self.id)
                };
                Html(page).into_response()
            }
            _ => problem(error, &self.id),
        };
        *response.status_mut() = error.status();
        if error.status() == StatusCode::SERVICE_UNAVAILABLE || *error == AppError::InFlight {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

fn what_to_do(error: &AppError) -> &'static str {
    match error {
        AppError::CrossSite => {
            "For your safety it was not carried out. Please open our home page and try again from there."
        }
        AppError::Malformed => "Nothing was changed. Please go back, check what you entered, and try again.",
        AppError::TooLarge => "Nothing was changed. Please go back and shorten what you entered.",
        _ => "Please go back and try again.",
    }
}

fn problem(error: &AppError, id: &str) -> Response {
    let bytes = ProblemJson::encode(error).unwrap_or_default();
    let mut json: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&bytes).unwrap_or_default();
    // Where the client is at fault, the same request has the same answer, byte for byte.
    if error.status().is_server_error() {
        json.insert("request_id".to_owned(), id.into());
    }
    let body = serde_json::Value::from(json).to_string();
    ([(header::CONTENT_TYPE, "application/problem+json")], Body::from(body)).into_response()
}
