//! The books in short, for checkers: every payment, refund and dispute, and the sums.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::{books::State as Records, dispute::Dispute, intent::Intent, refund::Refund};

/// The sums of one currency, in minor units.
#[derive(Default, Serialize)]
struct Totals {
    authorised: i64,
    captured: i64,
    refunded: i64,
    /// Withdrawn by disputes, and come back from them.
    withdrawn: i64,
    reinstated: i64,
    /// What the shop has in the end.
    net: i64,
}

/// Everything, the newest first.
pub fn summary(records: &Records) -> Value {
    let mut totals: BTreeMap<&str, Totals> = BTreeMap::new();
    for intent in records.intents.newest_first() {
        let total = totals.entry(&intent.currency).or_default();
        total.authorised += intent.authorised;
        total.captured += intent.captured;
        total.refunded += intent.refunded;
    }
    for dispute in records.disputes.newest_first() {
        let total = totals.entry(&dispute.currency).or_default();
        for movement in &dispute.movements {
            *if movement.amount < 0 { &mut total.withdrawn } else { &mut total.reinstated } += movement.amount.abs();
        }
    }
    for total in totals.values_mut() {
        total.net = total.captured - total.refunded - total.withdrawn + total.reinstated;
    }
    json!({
        "intents": records.intents.newest_first().map(|intent| show(records, intent)).collect::<Vec<_>>(),
        "refunds": records.refunds.newest_first().map(Refund::json).collect::<Vec<_>>(),
        "disputes": records.disputes.newest_first().map(Dispute::json).collect::<Vec<_>>(),
        "totals": totals,
        "undelivered_events": records.deliveries.len(),
    })
}

fn show(records: &Records, intent: &Intent) -> Value {
    let session = intent.session.as_deref().and_then(|id| records.sessions.find(id));
    json!({
        "id": intent.id,
        "session": intent.session,
        "client_reference_id": session.and_then(|session| session.client_reference_id.as_deref()),
        "status": intent.status,
        "currency": intent.currency,
        "amount": intent.amount,
        "authorised": intent.authorised,
        "captured": intent.captured,
        "refunded": intent.refunded,
        "disputed": intent.disputed,
        "metadata": intent.metadata,
    })
}
