//! What goes wrong with the broker, one trouble at a time.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use tokio::time::sleep;

use super::{Deed, Nemesis};

/// How long it has for coming back, and for carrying something.
const PEACE: Duration = Duration::from_secs(15);

impl Nemesis {
    /// Nothing while one lasts; counts it once it was one.
    pub(super) fn trouble_the_broker(&mut self, deed: Deed) {
        if self.broker_trouble.as_ref().is_some_and(|trouble| !trouble.is_finished()) {
            return;
        }
        let (shop, pause) = (Arc::clone(&self.shop), Duration::from_secs(self.rng.random_range(2..25)));
        self.broker_trouble = Some(tokio::spawn(async move {
            let done = match deed {
                Deed::KillBroker => shop.broker.end("-KILL").await,
                Deed::StopBroker => shop.broker.end("-TERM").await,
                Deed::BlockBroker => shop.broker.block(pause).await,
                // It may be away already.
                _ => shop.broker.lose_queue(&shop.crew).await.unwrap_or(false),
            };
            if done {
                shop.deeds.add(&format!("{deed:?}"));
                sleep(PEACE).await;
            }
        }));
    }
}
