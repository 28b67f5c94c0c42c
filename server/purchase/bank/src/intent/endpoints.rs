//! What the API does with payment intents.

use crate::{
    books::{Draft, Entry},
    card::{Behaviour, Method, Sequel},
    error::{Failure, Reply},
    intent::{Intent, Status, attempt, card_only, check_amount, currency, release, save, take},
    list::list,
    params::{Params, missing},
};

/// `POST /v1/payment_intents`
pub fn create(draft: &mut Draft<'_>, mut params: Params) -> Result<Reply, Failure> {
    let amount = params.integer("amount")?.ok_or_else(|| missing("amount"))?;
    let currency = currency(&mut params, "currency")?;
    check_amount(amount, &currency, "amount")?;
    let capture = params.word("capture_method", &["automatic", "automatic_async", "manual"])?;
    let mut intent = Intent::new(draft.now(), amount, &currency, capture.unwrap_or("automatic"));
    intent.metadata = params.metadata("metadata")?;
    intent.description = params.text("description", 1000)?;
    intent.receipt_email = params.text("receipt_email", 512)?;
    card_only(&mut params, "payment_method_types")?;
    params.flag("automatic_payment_methods[enabled]")?;
    params.word("automatic_payment_methods[allow_redirects]", &["always", "never"])?;
    let confirm = params.flag("confirm")?;
    let method = confirmation(&mut params, &mut intent)?;
    params.finish()?;
    if let Some(method) = &method {
        intent.payment_method = Some(method.id.clone());
        intent.card = Some(method.face.clone());
        intent.status = Status::RequiresConfirmation;
    }
    match (confirm, method) {
        (true, Some(method)) => Ok(attempt_reply(draft, intent, &method)),
        (true, None) => Err(missing("payment_method")),
        (false, _) => {
            draft.put(Entry::Intent(intent.clone()));
            Ok(Reply::ok(&intent.json(&draft.config.public_url)))
        }
    }
}

/// `POST /v1/payment_intents/{id}/confirm`
pub fn confirm(draft: &mut Draft<'_>, id: &str, mut params: Params) -> Result<Reply, Failure> {
    let mut intent = find(draft, id)?;
    let given = confirmation(&mut params, &mut intent)?;
    params.finish()?;
    if intent.session.is_some() {
        return Err(Failure::state(
            None,
            "You cannot confirm the PaymentIntent of a Checkout Session: its shopper does.",
        ));
    }
    use Status::{RequiresAction, RequiresConfirmation, RequiresPaymentMethod};
    if ![RequiresPaymentMethod, RequiresConfirmation, RequiresAction].contains(&intent.status) {
        return Err(refuse(
            &intent,
            draft,
            "confirmed",
            "requires_payment_method, requires_confirmation, requires_action",
        ));
    }
    let attached = intent.payment_method.as_deref().and_then(Method::from_token);
    let Some(method) = given.or(attached.filter(|_| intent.status != RequiresPaymentMethod)) else {
        return Err(Failure::unexpected_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. Update \
             the PaymentIntent with a payment method and then confirm it again.",
            intent.json(&draft.config.public_url),
        ));
    };
    Ok(attempt_reply(draft, intent, &method))
}

/// `POST /v1/payment_intents/{id}/capture`
pub fn capture(draft: &mut Draft<'_>, id: &str, mut params: Params) -> Result<Reply, Failure> {
    let mut intent = find(draft, id)?;
    let amount = params.integer("amount_to_capture")?;
    let metadata = params.metadata("metadata")?;
    params.finish()?;
    if intent.status != Status::RequiresCapture {
        return Err(refuse(&intent, draft, "captured", "requires_capture"));
    }
    if intent.sequel == Sequel::Expires {
        return Err(Failure::state(
            Some("charge_expired_for_capture"),
            "The charge cannot be captured as the authorization has expired.",
        ));
    }
    let amount = amount.unwrap_or(intent.authorised);
    if !(1..=intent.authorised).contains(&amount) {
        return Err(Failure::invalid(
            "amount_to_capture",
            "amount_too_large",
            "The amount to capture must be positive, and no more than what can be captured.",
        ));
    }
    take(draft, &mut intent, amount);
    intent.metadata.extend(metadata);
    Ok(Reply::ok(&save(draft, &intent, Some("payment_intent.succeeded"))))
}

/// Somebody gives a payment up in the bank's dashboard.
pub fn cancel_by_hand(draft: &mut Draft<'_>, mut params: Params) -> Result<Reply, Failure> {
    let id = params.required("payment_intent", 100)?;
    cancel(draft, &id, params)
}

/// `POST /v1/payment_intents/{id}/cancel`
pub fn cancel(draft: &mut Draft<'_>, id: &str, mut params: Params) -> Result<Reply, Failure> {
    let mut intent = find(draft, id)?;
    let reasons = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"];
    let reason = params.word("cancellation_reason", &reasons)?;
    params.finish()?;
    if [Status::Processing, Status::Succeeded, Status::Canceled].contains(&intent.status) {
        return Err(refuse(
            &intent,
            draft,
            "canceled",
            "requires_payment_method, requires_capture, requires_confirmation, requires_action",
        ));
    }
    let of_open_session = intent.session.is_some() && intent.status != Status::RequiresCapture;
    if of_open_session {
        return Err(Failure::state(
            None,
            "You cannot cancel the PaymentIntent of an open Checkout Session: expire the session.",
        ));
    }
    Ok(Reply::ok(&release(draft, &mut intent, reason)))
}

/// `GET /v1/payment_intents/{id}`
pub fn show(draft: &mut Draft<'_>, id: &str, mut params: Params) -> Result<Reply, Failure> {
    let intent = find(draft, id)?;
    let expand = params.expand("latest_charge")?;
    params.finish()?;
    Ok(Reply::ok(&intent.expanded(&draft.config.public_url, expand)))
}

/// `GET /v1/payment_intents`
pub fn index(draft: &mut Draft<'_>, mut params: Params) -> Result<Reply, Failure> {
    let expand = params.expand("data.latest_charge")?;
    let records = draft.state.intents.newest_first();
    list("/v1/payment_intents", records, params, |intent| intent.expanded(&draft.config.public_url, expand))
}

/// 404 unless there is such an intent.
fn find(draft: &Draft<'_>, id: &str) -> Result<Intent, Failure> {
    draft.intent(id).ok_or_else(|| Failure::missing("payment_intent", "intent", id))
}

fn confirmation(params: &mut Params, intent: &mut Intent) -> Result<Option<Method>, Failure> {
    if let Some(address) = params.web_address("return_url")? {
        intent.return_url = Some(address);
    }
    params.flag("off_session")?;
    let Some(token) = params.text("payment_method", 100)? else {
        return Ok(None);
    };
    let unknown = || Failure { status: 400, ..Failure::missing("PaymentMethod", "payment_method", &token) };
    Method::from_token(&token).ok_or_else(unknown).map(Some)
}

fn attempt_reply(draft: &mut Draft<'_>, mut intent: Intent, method: &Method) -> Reply {
    attempt(draft, &mut intent, method);
    let shown = intent.json(&draft.config.public_url);
    match method.behaviour {
        Behaviour::Declines(decline_code, message) => {
            Failure::declined("card_declined", decline_code, message, shown).reply()
        }
        _ => Reply::ok(&shown),
    }
}

fn refuse(intent: &Intent, draft: &Draft<'_>, verb: &str, allowed: &str) -> Failure {
    Failure::unexpected_state(
        format!(
            "This PaymentIntent could not be {verb} because it has a status of {}. Only a \
             PaymentIntent with one of the following statuses may be {verb}: {allowed}.",
            intent.status.name()
        ),
        intent.json(&draft.config.public_url),
    )
}
