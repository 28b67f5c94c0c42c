//! What the API tells of disputes, and what is done with them at the control desk.

use serde_json::json;

use crate::{
    books::Draft,
    dispute::{Dispute, Status, open, save},
    error::{Failure, Reply},
    list::list,
    params::{Params, missing},
};

const REASONS: [&str; 8] = [
    "credit_not_processed",
    "duplicate",
    "fraudulent",
    "general",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
];

/// `POST /control/disputes`: a shopper contests a payment.
pub fn create(draft: &mut Draft<'_>, mut params: Params) -> Result<Reply, Failure> {
    let intent_id = params.required("payment_intent", 100)?;
    let amount = params.between("amount", 1, i64::MAX)?;
    let reason = params.word("reason", &REASONS)?.unwrap_or("fraudulent");
    let inquiry = params.flag("inquiry")?;
    params.finish()?;
    let missing = || Failure::missing("payment_intent", "payment_intent", &intent_id);
    let mut intent = draft.intent(&intent_id).ok_or_else(missing)?;
    let left = intent.captured - intent.refunded;
    let amount = amount.unwrap_or(left);
    if !(1..=left).contains(&amount) {
        return Err(Failure::state(None, format!("Of this payment, {left} can be disputed.")));
    }
    Ok(Reply::ok(&open(draft, &mut intent, amount, reason, inquiry)))
}

/// `POST /control/disputes/{id}`: the shopper's bank takes it to another `status`.
pub fn advance(draft: &mut Draft<'_>, id: &str, mut params: Params) -> Result<Reply, Failure> {
    let mut dispute = find(draft, id)?;
    let name = params.text("status", 40)?.ok_or_else(|| missing("status"))?;
    params.finish()?;
    let next: Status = serde_json::from_value(json!(name))
        .map_err(|_| Failure::invalid("status", "parameter_invalid_enum", format!("Invalid status: {name}")))?;
    if !dispute.status.may_become(next) {
        return Err(Failure::state(None, format!("This dispute cannot become {name} any more.")));
    }
    let withdrawn = dispute.status.is_inquiry() && next == Status::NeedsResponse;
    dispute.status = next;
    let moved = match next {
        Status::NeedsResponse if withdrawn => Some((-dispute.amount, "charge.dispute.funds_withdrawn")),
        Status::Won => Some((dispute.amount, "charge.dispute.funds_reinstated")),
        _ => None,
    };
    if let Some((amount, _)) = moved {
        dispute.move_money(draft, amount);
    }
    let closed = matches!(next, Status::Won | Status::Lost | Status::WarningClosed);
    let kind = if closed { "charge.dispute.closed" } else { "charge.dispute.updated" };
    Ok(Reply::ok(&save(draft, dispute, kind, moved.map(|(_, kind)| kind))))
}

/// `GET /v1/disputes/{id}`
pub fn show(draft: &mut Draft<'_>, id: &str, params: Params) -> Result<Reply, Failure> {
    let dispute = find(draft, id)?;
    params.finish()?;
    Ok(Reply::ok(&dispute.json()))
}

/// `GET /v1/disputes`
pub fn index(draft: &mut Draft<'_>, mut params: Params) -> Result<Reply, Failure> {
    let intent = params.text("payment_intent", 100)?;
    let wanted = |dispute: &&Dispute| intent.as_ref().is_none_or(|id| dispute.payment_intent == *id);
    list("/v1/disputes", draft.state.disputes.newest_first().filter(wanted), params, Dispute::json)
}

fn find(draft: &Draft<'_>, id: &str) -> Result<Dispute, Failure> {
    draft.state.disputes.find(id).cloned().ok_or_else(|| Failure::missing("dispute", "dispute", id))
}
