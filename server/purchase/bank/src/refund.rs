//! Refunds: never more than was captured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    books::{Draft, Entry},
    card::Sequel,
    dispute,
    error::{Failure, Reply},
    id,
    list::{Listed, list},
    params::Params,
    webhook::announce,
};

/// Stripe's states, as far as cards know them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    #[default]
    Succeeded,
    Failed,
}

/// Money given back. The amount in minor units, the time in unix seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refund {
    pub id: String,
    pub payment_intent: String,
    pub charge: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub reason: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub created: i64,
    #[serde(default)]
    pub status: Status,
    /// When a slow one succeeds, or a failing one fails.
    #[serde(default)]
    pub due: Option<i64>,
}

impl Refund {
    /// When time alone will change it.
    pub fn due(&self) -> Option<i64> {
        self.due
    }

    /// As Stripe shows it.
    pub fn json(&self) -> Value {
        let mut shown = json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "status": self.status,
        });
        if self.status == Status::Failed {
            shown["failure_reason"] = json!("expired_or_canceled_card");
        }
        shown
    }
}

impl Listed for Refund {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

/// `POST /v1/refunds`
pub fn create(draft: &mut Draft<'_>, mut params: Params) -> Result<Reply, Failure> {
    let intent_id = params.required("payment_intent", 100)?;
    let amount = params.between("amount", 1, i64::MAX)?;
    let metadata = params.metadata("metadata")?;
    let reason = params.word("reason", &["duplicate", "fraudulent", "requested_by_customer"])?.map(str::to_owned);
    params.finish()?;
    let Some(mut intent) = draft.intent(&intent_id) else {
        return Err(Failure::missing("payment_intent", "payment_intent", &intent_id));
    };
    if intent.captured == 0 {
        return Err(Failure::unexpected_state(
            format!("This PaymentIntent ({intent_id}) does not have a successful charge to refund."),
            intent.json(&draft.config.public_url),
        ));
    }
    if dispute::has_taken(draft, &intent_id) {
        let charge = intent.charge.unwrap_or_default();
        let message = format!("Charge {charge} has been charged back; cannot issue a refund.");
        return Err(Failure::state(Some("charge_disputed"), message));
    }
    let left = intent.captured - intent.refunded;
    if left == 0 {
        return Err(Failure::state(
            Some("charge_already_refunded"),
            format!("Charge {} has already been refunded.", intent.charge.unwrap_or_default()),
        ));
    }
    let amount = amount.unwrap_or(left);
    if amount > left {
        return Err(Failure {
            param: Some("amount".to_owned()),
            ..Failure::state(
                None,
                format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"),
            )
        });
    }
    intent.refunded += amount;
    let status = if intent.sequel == Sequel::SlowRefund { Status::Pending } else { Status::Succeeded };
    let takes_a_while = matches!(intent.sequel, Sequel::SlowRefund | Sequel::FailingRefund);
    let refund = Refund {
        id: id::fresh("re_", 24),
        payment_intent: intent_id,
        charge: intent.charge.clone(),
        amount,
        currency: intent.currency.clone(),
        reason,
        metadata,
        created: draft.now(),
        status,
        due: takes_a_while.then(|| draft.in_a_while()),
    };
    draft.put(Entry::Refund(refund.clone()));
    announce(draft, "refund.created", refund.json());
    announce(draft, "charge.refunded", intent.charge_json());
    draft.put(Entry::Intent(intent));
    Ok(Reply::ok(&refund.json()))
}

/// What time does: a pending refund succeeds; one that had succeeded fails, and its money is the shop's again.
pub fn lapse(draft: &mut Draft<'_>, mut refund: Refund) {
    refund.due = None;
    refund.status = match refund.status {
        Status::Pending => Status::Succeeded,
        Status::Succeeded | Status::Failed => Status::Failed,
    };
    let failed = refund.status == Status::Failed;
    draft.put(Entry::Refund(refund.clone()));
    announce(draft, "refund.updated", refund.json());
    if let Some(mut intent) = draft.intent(&refund.payment_intent).filter(|_| failed) {
        announce(draft, "refund.failed", refund.json());
        intent.refunded -= refund.amount;
        draft.put(Entry::Intent(intent));
    }
}

/// `GET /v1/refunds/{id}`
pub fn show(draft: &mut Draft<'_>, id: &str, params: Params) -> Result<Reply, Failure> {
    params.finish()?;
    match draft.state.refunds.find(id) {
        Some(refund) => Ok(Reply::ok(&refund.json())),
        None => Err(Failure::missing("refund", "id", id)),
    }
}

/// `GET /v1/refunds`
pub fn index(draft: &mut Draft<'_>, mut params: Params) -> Result<Reply, Failure> {
    let intent = params.text("payment_intent", 100)?;
    let wanted = |refund: &&Refund| intent.as_ref().is_none_or(|id| refund.payment_intent == *id);
    list("/v1/refunds", draft.state.refunds.newest_first().filter(wanted), params, Refund::json)
}
