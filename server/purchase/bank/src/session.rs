//! Checkout sessions: the hosted page's side of a payment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    books::{Draft, Entry},
    card::Method,
    error::{Failure, Reply},
    id,
    intent::{self, Intent},
    params::{Params, missing},
    webhook::announce,
};

const SHORTEST: i64 = 30 * 60;
const LONGEST: i64 = 24 * 3600;

/// Open until it is paid or its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    Complete,
    Expired,
}

/// One line of what is bought. The amount is that of one piece, in minor units.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    pub name: String,
    pub quantity: i64,
    pub unit_amount: i64,
}

/// One visit to the hosted page. Times in unix seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    pub id: String,
    pub status: Status,
    pub success_url: String,
    pub cancel_url: Option<String>,
    pub client_reference_id: Option<String>,
    pub customer_email: Option<String>,
    pub created: i64,
    pub expires_at: i64,
    pub lines: Vec<Line>,
    pub currency: String,
    pub amount_total: i64,
    pub capture_method: String,
    pub metadata: BTreeMap<String, String>,
    pub intent_metadata: BTreeMap<String, String>,
    pub intent_description: Option<String>,
    /// From the shopper's first attempt on, as at Stripe.
    pub intent: Option<String>,
}

impl Session {
    /// When time alone will change it.
    pub fn due(&self) -> Option<i64> {
        (self.status == Status::Open).then_some(self.expires_at)
    }

    /// Where the shopper goes after paying.
    pub fn success_url(&self) -> String {
        self.success_url.replace("{CHECKOUT_SESSION_ID}", &self.id)
    }

    /// As Stripe shows it: an authorised payment stays `unpaid` until it is captured.
    fn json(&self, draft: &Draft<'_>, expand: bool) -> Value {
        let intent = self.intent.as_deref().and_then(|id| draft.intent(id));
        let paid = intent.as_ref().is_some_and(|intent| intent.status == intent::Status::Succeeded);
        let public_url = &draft.config.public_url;
        let url = (self.status == Status::Open).then(|| format!("{public_url}/pay/{}", self.id));
        let shown_intent = match intent {
            Some(intent) if expand => intent.json(public_url),
            _ => json!(self.intent),
        };
        json!({
            "id": self.id,
            "object": "checkout.session",
            "amount_subtotal": self.amount_total,
            "amount_total": self.amount_total,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "customer_details": self.customer_email.as_ref().map(|email| json!({ "email": email })),
            "customer_email": self.customer_email,
            "expires_at": self.expires_at,
            "livemode": false,
            "metadata": self.metadata,
            "mode": "payment",
            "payment_intent": shown_intent,
            "payment_method_types": ["card"],
            "payment_status": if paid { "paid" } else { "unpaid" },
            "status": self.status,
            "success_url": self.success_url,
            "ui_mode": "hosted_page",
            "url": url,
        })
    }
}

/// `POST /v1/checkout/sessions`
pub fn create(draft: &mut Draft<'_>, mut params: Params) -> Result<Reply, Failure> {
    let now = draft.now();
    params.word("mode", &["payment"])?.ok_or_else(|| missing("mode"))?;
    params.word("ui_mode", &["hosted_page"])?;
    params.text("locale", 10)?;
    params.word("submit_type", &["auto", "pay"])?;
    intent::card_only(&mut params, "payment_method_types")?;
    let expand = params.expand("payment_intent")?;
    let expires_at = params.integer("expires_at")?.unwrap_or(now + LONGEST);
    if !(now + SHORTEST..=now + LONGEST).contains(&expires_at) {
        return Err(Failure::invalid(
            "expires_at",
            "parameter_invalid_integer",
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from \
             Checkout Session creation.",
        ));
    }
    let success_url = params.web_address("success_url")?.ok_or_else(|| missing("success_url"))?;
    let cancel_url = params.web_address("cancel_url")?;
    let (currency, lines) = lines(&mut params)?;
    let amount_total = total(&lines, &currency)?;
    let capture = params.word("payment_intent_data[capture_method]", &["automatic", "automatic_async", "manual"])?;
    let session = Session {
        id: id::fresh("cs_test_", 58),
        status: Status::Open,
        success_url,
        cancel_url,
        client_reference_id: params.text("client_reference_id", 200)?,
        customer_email: params.text("customer_email", 512)?,
        created: now,
        expires_at,
        lines,
        currency,
        amount_total,
        capture_method: capture.unwrap_or("automatic").to_owned(),
        metadata: params.metadata("metadata")?,
        intent_metadata: params.metadata("payment_intent_data[metadata]")?,
        intent_description: params.text("payment_intent_data[description]", 1000)?,
        intent: None,
    };
    params.finish()?;
    draft.put(Entry::Session(session.clone()));
    Ok(Reply::ok(&session.json(draft, expand)))
}

/// `GET /v1/checkout/sessions/{id}`
pub fn show(draft: &mut Draft<'_>, id: &str, mut params: Params) -> Result<Reply, Failure> {
    let session = find(draft, id)?;
    let expand = params.expand("payment_intent")?;
    params.finish()?;
    Ok(Reply::ok(&session.json(draft, expand)))
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub fn expire(draft: &mut Draft<'_>, id: &str, params: Params) -> Result<Reply, Failure> {
    let session = find(draft, id)?;
    params.finish()?;
    if session.status != Status::Open {
        return Err(Failure::state(None, "Only Checkout Sessions with a status in [\"open\"] can be expired."));
    }
    if is_processing(draft, &session) {
        return Err(Failure::state(None, "This Checkout Session has a payment that is processing."));
    }
    Ok(Reply::ok(&close(draft, session)))
}

/// What time does: an open session expires, unless its payment is still processing.
pub fn lapse(draft: &mut Draft<'_>, session: Session) {
    if session.status == Status::Open && !is_processing(draft, &session) {
        close(draft, session);
    }
}

/// The shopper pays with a card. Charges once however often it is called: an attempt that is under way or done stands.
pub fn pay(draft: &mut Draft<'_>, mut session: Session, method: &Method) {
    if session.expires_at <= draft.now() {
        return lapse(draft, session);
    }
    if session.status != Status::Open || is_processing(draft, &session) {
        return;
    }
    let existing = session.intent.as_deref().and_then(|id| draft.intent(id));
    let mut intent = existing.unwrap_or_else(|| {
        let (amount, currency) = (session.amount_total, &session.currency);
        Intent {
            metadata: session.intent_metadata.clone(),
            description: session.intent_description.clone(),
            receipt_email: session.customer_email.clone(),
            session: Some(session.id.clone()),
            ..Intent::new(draft.now(), amount, currency, &session.capture_method)
        }
    });
    if session.intent.is_none() {
        session.intent = Some(intent.id.clone());
        draft.put(Entry::Session(session));
    }
    intent::attempt(draft, &mut intent, method);
}

/// The intent has been authorised or paid: its session, if it has one, is complete.
pub fn paid(draft: &mut Draft<'_>, intent: &Intent) {
    let session = intent.session.as_deref().and_then(|id| draft.session(id));
    if let Some(mut session) = session.filter(|session| session.status == Status::Open) {
        session.status = Status::Complete;
        draft.put(Entry::Session(session.clone()));
        let shown = session.json(draft, false);
        announce(draft, "checkout.session.completed", shown);
    }
}

/// Whether a payment is under way that nobody can stop.
pub fn is_processing(draft: &Draft<'_>, session: &Session) -> bool {
    let intent = session.intent.as_deref().and_then(|id| draft.intent(id));
    intent.is_some_and(|intent| intent.status == intent::Status::Processing)
}

fn find(draft: &Draft<'_>, id: &str) -> Result<Session, Failure> {
    draft.session(id).ok_or_else(|| Failure::missing("checkout.session", "session", id))
}

fn close(draft: &mut Draft<'_>, mut session: Session) -> Value {
    session.status = Status::Expired;
    draft.put(Entry::Session(session.clone()));
    if let Some(mut intent) = session.intent.as_deref().and_then(|id| draft.intent(id)) {
        intent::release(draft, &mut intent, Some("abandoned"));
    }
    let shown = session.json(draft, false);
    announce(draft, "checkout.session.expired", shown.clone());
    shown
}

fn lines(params: &mut Params) -> Result<(String, Vec<Line>), Failure> {
    let mut currency = None;
    let mut lines = Vec::new();
    while params.any_within(&format!("line_items[{}][", lines.len())) {
        let item = format!("line_items[{}]", lines.len());
        let price = format!("{item}[price_data]");
        let own = intent::currency(params, &format!("{price}[currency]"))?;
        if *currency.get_or_insert_with(|| own.clone()) != own {
            return Err(Failure::invalid(
                &format!("{price}[currency]"),
                "parameter_invalid",
                "All line items must have the same currency.",
            ));
        }
        let (unit, quantity) = (format!("{price}[unit_amount]"), format!("{item}[quantity]"));
        params.text(&format!("{price}[product_data][description]"), 1000)?;
        lines.push(Line {
            name: params.required(&format!("{price}[product_data][name]"), 250)?,
            quantity: params.between(&quantity, 1, 999_999)?.ok_or_else(|| missing(&quantity))?,
            unit_amount: params.between(&unit, 0, intent::MOST)?.ok_or_else(|| missing(&unit))?,
        });
    }
    match currency {
        Some(currency) if lines.len() <= 100 => Ok((currency, lines)),
        Some(_) => Err(Failure::invalid("line_items", "parameter_invalid", "At most 100 line items.")),
        None => Err(missing("line_items")),
    }
}

fn total(lines: &[Line], currency: &str) -> Result<i64, Failure> {
    // 100 lines of 999,999 pieces at 99,999,999 stay far within an i64.
    let total = lines.iter().map(|line| line.quantity * line.unit_amount).sum();
    intent::check_amount(total, currency, "line_items").map(|()| total)
}
