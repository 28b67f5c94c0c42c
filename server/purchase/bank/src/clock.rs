//! What happens by time alone: sessions expire, slow payments and refunds settle, authorisations lapse, disputes come.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio_util::sync::CancellationToken;

use crate::{Bank, error::Failure, intent, refund, session};

const TICK: Duration = Duration::from_millis(200);

/// Unix milliseconds.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Looks again and again, until told to stop.
pub async fn run(bank: Arc<Bank>, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(TICK)).await.is_some() {
        let now = now_ms() / 1000;
        let due: Vec<String> = bank.books.read(|state| {
            let due = state.deadlines.iter().take_while(|(deadline, _)| *deadline <= now);
            due.map(|(_, id)| id.clone()).collect()
        });
        // Each by itself, so that one line of the ledger is one happening.
        for id in due {
            let _failure_is_logged = bank
                .write(move |draft| {
                    if let Some(mut intent) = draft.intent(&id) {
                        intent::lapse(draft, &mut intent);
                    } else if let Some(session) = draft.session(&id) {
                        session::lapse(draft, session);
                    } else if let Some(refund) = draft.state.refunds.find(&id) {
                        refund::lapse(draft, refund.clone());
                    }
                    Ok::<_, Failure>(())
                })
                .await;
        }
    }
}
