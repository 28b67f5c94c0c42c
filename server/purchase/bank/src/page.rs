//! The hosted pages: paying, and confirming that it is you. They need no script.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use crate::{
    Bank,
    books::Draft,
    card::{CARDS, CardForm, FieldErrors, TestCard},
    id,
    intent::{self, Intent},
    money::price,
    session::{self, Session},
};

/// `/pay` and `/confirm`.
pub fn routes() -> Router<Arc<Bank>> {
    Router::new()
        .route("/", get(front))
        .route("/pay/{session}", get(show).post(pay))
        .route("/confirm/{intent}", get(ask).post(decide))
}

#[derive(Template)]
#[template(path = "pay.html")]
struct PayPage<'a> {
    nonce: &'a str,
    lines: Vec<PageLine<'a>>,
    total: String,
    cancel_url: Option<&'a str>,
    cards: &'a [TestCard],
    refusal: Option<&'a str>,
    errors: FieldErrors,
    name: &'a str,
}

struct PageLine<'a> {
    name: &'a str,
    quantity: i64,
    each: String,
    total: String,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    nonce: &'a str,
    total: String,
    last4: &'a str,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    nonce: &'a str,
    title: &'a str,
    text: &'a str,
    link: Option<(&'a str, &'a str)>,
}

#[derive(Deserialize)]
struct Decision {
    decision: String,
}

/// What a shopper finds at a session's address.
#[derive(Clone)]
struct Visit {
    session: Session,
    intent: Option<Intent>,
}

impl Visit {
    fn find(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let session = draft.session(id)?;
        let intent = session.intent.as_deref().and_then(|id| draft.intent(id));
        Some(Self { session, intent })
    }

    fn status(&self) -> Option<intent::Status> {
        self.intent.as_ref().map(|intent| intent.status)
    }

    /// The page of a session that can be paid no longer.
    fn notice(&self) -> Option<Response> {
        let success = self.session.success_url();
        let back = Some((success.as_str(), "Back to the shop"));
        match (self.session.status, self.status()) {
            (session::Status::Open, Some(intent::Status::Processing)) => Some(notice(
                StatusCode::OK,
                "Your payment is being processed",
                "The bank is still at work. You need not pay again.",
                back,
            )),
            (session::Status::Open, _) => None,
            (session::Status::Complete, _) => Some(notice(
                StatusCode::OK,
                "This order is paid",
                "Your payment was accepted, and you need not pay again.",
                back,
            )),
            (session::Status::Expired, _) => Some(notice(
                StatusCode::GONE,
                "This payment page has expired",
                "The time to pay is over, and nothing was charged. Please begin anew at the shop.",
                self.session.cancel_url.as_deref().map(|url| (url, "Back to the shop")),
            )),
        }
    }

    fn pay_page(&self, status: StatusCode, errors: FieldErrors, name: &str) -> Response {
        let session = &self.session;
        let lines = session.lines.iter().map(|line| PageLine {
            name: &line.name,
            quantity: line.quantity,
            each: price(&session.currency, line.unit_amount),
            total: price(&session.currency, line.unit_amount * line.quantity),
        });
        // What the bank said of an earlier card is stale beside what is wrong with this one.
        let refusal = self
            .intent
            .as_ref()
            .and_then(|intent| intent.last_error.as_ref())
            .filter(|_| errors == FieldErrors::default());
        let nonce = id::fresh("", 22);
        let page = PayPage {
            nonce: &nonce,
            lines: lines.collect(),
            total: price(&session.currency, session.amount_total),
            cancel_url: session.cancel_url.as_deref(),
            cards: &CARDS,
            refusal: refusal.map(|refusal| refusal.message.as_str()),
            errors,
            name,
        };
        render(status, &page, &nonce, Some(&session.success_url()))
    }
}

/// Whoever looks at the bank itself.
async fn front() -> Response {
    let cards: Vec<String> = CARDS.iter().map(|card| format!("{} {}", card.spaced(), card.hint)).collect();
    let text = format!(
        "It takes no real money. A shop sends its shoppers here to pay, and these cards can be tried: {}.",
        cards.join("; ")
    );
    notice(StatusCode::OK, "This is a demonstration bank", &text, None)
}

async fn show(State(bank): State<Arc<Bank>>, Path(id): Path<String>) -> Result<Response, PageFailure> {
    let visit = bank.write(move |draft| Ok::<_, PageFailure>(Visit::find(draft, &id))).await?;
    let Some(visit) = visit else {
        return Ok(unknown());
    };
    let notice = visit.notice();
    Ok(notice.unwrap_or_else(|| visit.pay_page(StatusCode::OK, FieldErrors::default(), "")))
}

async fn pay(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
    Form(form): Form<CardForm>,
) -> Result<Response, PageFailure> {
    let name = form.name.clone();
    // A browser that hangs up does not stop a payment half-way: the change runs on its own thread to its end.
    let visit = bank
        .write(move |draft| {
            let checked = form.check(draft.now());
            let Some(session) = draft.session(&id) else {
                return Ok(None);
            };
            if let Ok(method) = &checked {
                session::pay(draft, session, method);
            }
            let visit = Visit::find(draft, &id);
            Ok::<_, PageFailure>(visit.map(|visit| (visit, checked.err())))
        })
        .await?;
    let Some((visit, errors)) = visit else {
        return Ok(unknown());
    };
    let public_url = &bank.config.public_url;
    Ok(match (visit.session.status, visit.status()) {
        (session::Status::Complete, _) | (session::Status::Open, Some(intent::Status::Processing)) => {
            see_other(&visit.session.success_url())
        }
        (session::Status::Open, _) => match (errors, &visit.intent) {
            (Some(errors), _) => visit.pay_page(StatusCode::UNPROCESSABLE_ENTITY, errors, &name),
            (None, Some(intent)) if intent.status == intent::Status::RequiresAction => {
                see_other(&format!("{public_url}/confirm/{}", intent.id))
            }
            (None, _) => visit.pay_page(StatusCode::PAYMENT_REQUIRED, FieldErrors::default(), &name),
        },
        (session::Status::Expired, _) => visit.notice().unwrap_or_else(unknown),
    })
}

async fn ask(State(bank): State<Arc<Bank>>, Path(id): Path<String>) -> Result<Response, PageFailure> {
    let found = bank.write(move |draft| Ok::<_, PageFailure>(Asked::find(draft, &id))).await?;
    let Some(asked) = found else {
        return Ok(unknown());
    };
    if asked.intent.status != intent::Status::RequiresAction {
        return Ok(asked.leave());
    }
    let nonce = id::fresh("", 22);
    let page = ConfirmPage {
        nonce: &nonce,
        total: price(&asked.intent.currency, asked.intent.amount),
        last4: asked.intent.card.as_ref().map_or("", |card| card.last4.as_str()),
    };
    Ok(render(StatusCode::OK, &page, &nonce, asked.shop.as_deref()))
}

async fn decide(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
    Form(form): Form<Decision>,
) -> Result<Response, PageFailure> {
    let approved = form.decision == "approve";
    let found = bank
        .write(move |draft| {
            if let Some(mut intent) = draft.intent(&id) {
                intent::decide(draft, &mut intent, approved);
            }
            Ok::<_, PageFailure>(Asked::find(draft, &id))
        })
        .await?;
    Ok(found.map_or_else(unknown, |asked| asked.leave()))
}

/// A payment whose holder was asked to confirm it.
struct Asked {
    intent: Intent,
    /// Where the shopper goes from here.
    next: Option<String>,
    /// An address of the shop.
    shop: Option<String>,
}

impl Asked {
    fn find(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let intent = draft.intent(id)?;
        let shop = match intent.session.as_deref().and_then(|id| draft.session(id)) {
            None => intent.return_url.clone(),
            Some(session) if session.status == session::Status::Complete => Some(session.success_url()),
            Some(session) => {
                let next = Some(format!("{}/pay/{}", draft.config.public_url, session.id));
                return Some(Self { intent, next, shop: Some(session.success_url()) });
            }
        };
        Some(Self { intent, next: shop.clone(), shop })
    }

    fn leave(&self) -> Response {
        match &self.next {
            Some(next) => see_other(next),
            None => notice(StatusCode::OK, "Thank you", "You may close this page now.", None),
        }
    }
}

/// A page that could not be made, for the bank itself is in trouble.
struct PageFailure;

impl From<std::io::Error> for PageFailure {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "a page could not be served; nothing was charged");
        Self
    }
}

impl IntoResponse for PageFailure {
    fn into_response(self) -> Response {
        notice(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The bank is in trouble",
            "Nothing was charged. Please try again in a moment.",
            None,
        )
    }
}

fn unknown() -> Response {
    notice(
        StatusCode::NOT_FOUND,
        "There is no such payment",
        "Please go back to the shop and follow its link again.",
        None,
    )
}

fn notice(status: StatusCode, title: &str, text: &str, link: Option<(&str, &str)>) -> Response {
    let nonce = id::fresh("", 22);
    render(status, &NoticePage { nonce: &nonce, title, text, link }, &nonce, None)
}

/// The page with its headers. `shop` is an address that its form may lead to: browsers hold redirects after a form to
/// `form-action` too.
fn render(status: StatusCode, page: &impl Template, nonce: &str, shop: Option<&str>) -> Response {
    let origin = shop.and_then(|shop| reqwest::Url::parse(shop).ok()).map(|url| url.origin());
    let origin = origin.map(|origin| origin.ascii_serialization()).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self' {origin}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let headers: [(HeaderName, String); 5] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "same-origin".to_owned()),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin".to_owned()),
    ];
    (status, headers, Html(html)).into_response()
}

fn see_other(address: &str) -> Response {
    let address = reqwest::Url::parse(address).map_or_else(|_| address.to_owned(), String::from);
    ([(header::CACHE_CONTROL, "no-store")], Redirect::to(&address)).into_response()
}
