//! Refunds: never more than was captured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    books::{Draft, Entry},
    error::{Failure, Reply},
    id,
    list::{Listed, list},
    params::Params,
    webhook::announce,
};

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
}

impl Refund {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "status": "succeeded",
        })
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
    let refund = Refund {
        id: id::fresh("re_", 24),
        payment_intent: intent_id,
        charge: intent.charge.clone(),
        amount,
        currency: intent.currency.clone(),
        reason,
        metadata,
        created: draft.now(),
    };
    draft.put(Entry::Refund(refund.clone()));
    announce(draft, "charge.refunded", intent.charge_json());
    draft.put(Entry::Intent(intent));
    Ok(Reply::ok(&refund.json()))
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
