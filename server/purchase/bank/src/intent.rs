//! Payment intents: their record, and how it changes.

mod endpoints;
mod shape;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    books::{Draft, Entry},
    card::{Behaviour, Face, Method, Sequel},
    dispute,
    error::Failure,
    id,
    list::Listed,
    money,
    params::Params,
    session,
    webhook::announce,
};

pub use endpoints::{cancel, cancel_by_hand, capture, confirm, create, index, show};

/// An authorisation that nobody captures lapses after this many seconds.
const AUTHORISATION: i64 = 7 * 24 * 3600;
/// The most that may be charged, in minor units.
pub const MOST: i64 = 99_999_999;

/// Stripe's states. There is no "failed": a decline leads back to `requires_payment_method`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Succeeded,
    Canceled,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::RequiresCapture => "requires_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// Why the last attempt failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refusal {
    pub code: String,
    pub decline_code: Option<String>,
    pub message: String,
}

/// One payment. Amounts in minor units of `currency`, times in unix seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Intent {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub capture_method: String,
    pub status: Status,
    /// What was ever authorised; it stays when the authorisation is released.
    pub authorised: i64,
    pub captured: i64,
    pub refunded: i64,
    pub created: i64,
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<String>,
    pub description: Option<String>,
    pub receipt_email: Option<String>,
    pub return_url: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub payment_method: Option<String>,
    pub card: Option<Face>,
    pub last_error: Option<Refusal>,
    pub charge: Option<String>,
    pub session: Option<String>,
    pub client_secret: String,
    #[serde(default)]
    pub sequel: Sequel,
    #[serde(default)]
    pub disputed: bool,
    /// When a slow payment settles, an authorisation lapses, or a dispute comes.
    pub due: Option<i64>,
}

impl Intent {
    /// An intent that nobody has tried to pay.
    pub fn new(now: i64, amount: i64, currency: &str, capture_method: &str) -> Self {
        let id = id::fresh("pi_", 24);
        Self {
            client_secret: id::fresh(&format!("{id}_secret_"), 25),
            id,
            amount,
            currency: currency.to_owned(),
            capture_method: capture_method.to_owned(),
            status: Status::RequiresPaymentMethod,
            authorised: 0,
            captured: 0,
            refunded: 0,
            created: now,
            canceled_at: None,
            cancellation_reason: None,
            description: None,
            receipt_email: None,
            return_url: None,
            metadata: BTreeMap::new(),
            payment_method: None,
            card: None,
            last_error: None,
            charge: None,
            session: None,
            sequel: Sequel::Nothing,
            disputed: false,
            due: None,
        }
    }

    /// When time alone will change it.
    pub fn due(&self) -> Option<i64> {
        self.due
    }
}

impl Listed for Intent {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

/// Tries a card, and puts the intent as it then is.
pub fn attempt(draft: &mut Draft<'_>, intent: &mut Intent, method: &Method) {
    intent.payment_method = Some(method.id.clone());
    intent.card = Some(method.face.clone());
    intent.last_error = None;
    match method.behaviour {
        Behaviour::Pays(sequel) => {
            intent.sequel = sequel;
            authorise(draft, intent);
        }
        Behaviour::Declines(decline_code, message) => {
            fail(draft, intent, "card_declined", Some(decline_code), message);
        }
        Behaviour::Asks => {
            intent.status = Status::RequiresAction;
            save(draft, intent, None);
        }
        Behaviour::Slow => {
            intent.status = Status::Processing;
            intent.due = Some(draft.in_a_while());
            save(draft, intent, None);
        }
    }
}

/// The shopper's word on the confirmation page. Without effect unless the intent waits for it.
pub fn decide(draft: &mut Draft<'_>, intent: &mut Intent, approved: bool) {
    if intent.status != Status::RequiresAction {
        return;
    }
    if approved {
        authorise(draft, intent);
    } else {
        let message = "You did not confirm that it is you, so your card was not charged.";
        fail(draft, intent, "payment_intent_authentication_failure", None, message);
    }
}

/// What time does: a slow payment settles, an authorisation lapses, a dispute comes.
pub fn lapse(draft: &mut Draft<'_>, intent: &mut Intent) {
    if intent.due.is_none_or(|due| due > draft.now()) {
        return;
    }
    match intent.status {
        Status::Processing => authorise(draft, intent),
        Status::RequiresCapture => {
            release(draft, intent, Some("automatic"));
        }
        Status::Succeeded => dispute::come(draft, intent),
        _ => {}
    }
}

/// Gives up a payment; an authorisation is released.
pub fn release(draft: &mut Draft<'_>, intent: &mut Intent, reason: Option<&str>) -> Value {
    intent.status = Status::Canceled;
    intent.canceled_at = Some(draft.now());
    intent.cancellation_reason = reason.map(str::to_owned);
    intent.due = None;
    if intent.authorised > 0 {
        // At Stripe an authorisation that is given up is a refund of its charge.
        announce(draft, "charge.refunded", intent.charge_json());
    }
    save(draft, intent, Some("payment_intent.canceled"))
}

/// Three letters in lower case.
pub fn currency(params: &mut Params, name: &str) -> Result<String, Failure> {
    let currency = params.required(name, 10)?.to_ascii_lowercase();
    if currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(currency);
    }
    Err(Failure::invalid(name, "parameter_invalid", format!("Invalid currency: {currency}")))
}

/// Neither too small nor too large to charge.
pub fn check_amount(amount: i64, currency: &str, name: &str) -> Result<(), Failure> {
    let least = money::least(currency);
    if amount < least {
        return Err(Failure::invalid(
            name,
            "amount_too_small",
            format!("Amount must be at least {}", money::price(currency, least)),
        ));
    }
    if amount > MOST {
        return Err(Failure::invalid(
            name,
            "amount_too_large",
            format!("Amount must be no more than {}", money::price(currency, MOST)),
        ));
    }
    Ok(())
}

/// Cards are all that this bank takes.
pub fn card_only(params: &mut Params, name: &str) -> Result<(), Failure> {
    match params.list(name).iter().all(|kind| kind == "card") {
        true => Ok(()),
        false => Err(Failure::invalid(name, "parameter_invalid_enum", "This bank takes cards only.")),
    }
}

fn authorise(draft: &mut Draft<'_>, intent: &mut Intent) {
    intent.charge = Some(id::fresh("ch_", 24));
    intent.authorised = intent.amount;
    intent.due = None;
    let event = if intent.capture_method == "manual" {
        intent.status = Status::RequiresCapture;
        intent.due = Some(draft.now() + AUTHORISATION);
        "payment_intent.amount_capturable_updated"
    } else {
        take(draft, intent, intent.amount);
        "payment_intent.succeeded"
    };
    save(draft, intent, Some(event));
    session::paid(draft, intent);
}

/// The money goes to the shop.
fn take(draft: &Draft<'_>, intent: &mut Intent, amount: i64) {
    intent.status = Status::Succeeded;
    intent.captured = amount;
    let comes = matches!(intent.sequel, Sequel::Dispute | Sequel::Inquiry);
    intent.due = comes.then(|| draft.in_a_while());
}

fn fail(draft: &mut Draft<'_>, intent: &mut Intent, code: &str, decline_code: Option<&str>, message: &str) {
    intent.status = Status::RequiresPaymentMethod;
    intent.last_error = Some(Refusal {
        code: code.to_owned(),
        decline_code: decline_code.map(str::to_owned),
        message: message.to_owned(),
    });
    save(draft, intent, Some("payment_intent.payment_failed"));
}

/// Puts the intent, tells the world, and returns it as Stripe shows it.
fn save(draft: &mut Draft<'_>, intent: &Intent, event: Option<&str>) -> Value {
    draft.put(Entry::Intent(intent.clone()));
    let shown = intent.json(&draft.config.public_url);
    if let Some(kind) = event {
        announce(draft, kind, shown.clone());
    }
    shown
}
