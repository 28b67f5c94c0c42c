//! The handle that the gateway and the worker share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use database::Database;
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::Error;
use crate::payment::Bank;
use crate::place::hold::HoldCounter;
use crate::settle::sale::SaleCounter;
use crate::settle::steps::StepCounter;
use crate::till::{Till, TillSettings};
use crate::total::Rates;
use crate::webhook::EventCounter;

/// How long a copy of the rates is good: they change a few times a year.
const RATES_KEPT: Duration = Duration::from_mins(1);

/// What a shop decides about its purchases.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The shop's own address, without a slash at the end: the bank sends shoppers back to it.
    pub public_url: String,
    /// Makes the checkout form's tokens; at least 32 characters that nobody knows.
    pub token_secret: SecretString,
    /// What the bank signs its webhooks with.
    pub webhook_secret: SecretString,
    /// Where shoppers may collect what they have bought, in words; without it everything is sent.
    pub collect_at: Option<String>,
    /// How long copies are set aside for a shopper who pays.
    pub hold: Duration,
    /// How waiting buyers are served.
    pub till: TillSettings,
}

/// Baskets, orders, stock and payment of one shop. Cheap to clone.
#[derive(Clone)]
pub struct Purchase {
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    bank: Arc<dyn Bank>,
    settings: Settings,
    tills: Tills,
    rates: Mutex<Option<(Instant, Arc<Rates>)>>,
    worker: Notify,
    relay: Arc<Notify>,
    tasks: TaskTracker,
}

/// The queues of those who wait for a transaction.
pub(crate) struct Tills {
    pub holds: Till<HoldCounter>,
    pub sales: Till<SaleCounter>,
    pub steps: Till<StepCounter>,
    pub events: Till<EventCounter>,
}

impl Purchase {
    /// A handle on this database and this bank; `relay` is told when there is a message to be relayed. Opens the tills,
    /// so it must be called within a Tokio runtime.
    #[must_use]
    pub fn new(database: Database, bank: Arc<dyn Bank>, settings: Settings, relay: Arc<Notify>) -> Self {
        let till = settings.till;
        let tills = Tills {
            holds: Till::open(HoldCounter { database: database.clone(), settings: settings.clone() }, till),
            sales: Till::open(SaleCounter { database: database.clone(), settings: settings.clone() }, till),
            steps: Till::open(StepCounter { database: database.clone() }, till),
            events: Till::open(EventCounter { database: database.clone() }, till),
        };
        let (worker, tasks) = (Notify::new(), TaskTracker::new());
        let shared = Shared { database, bank, settings, tills, rates: Mutex::new(None), worker, relay, tasks };
        Self { shared: Arc::new(shared) }
    }

    /// Waits for the purchases that are under way; called once no new ones can arrive.
    pub async fn finish(&self) {
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    pub(crate) fn database(&self) -> &Database {
        &self.shared.database
    }

    pub(crate) fn bank(&self) -> &dyn Bank {
        self.shared.bank.as_ref()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// What delivery costs and which VAT prices contain, as read within the last minute.
    pub(crate) async fn rates(&self) -> Result<Arc<Rates>, Error> {
        if let Some((read_at, rates)) = &*self.shared.rates.lock().unwrap_or_else(PoisonError::into_inner)
            && read_at.elapsed() < RATES_KEPT
        {
            return Ok(Arc::clone(rates));
        }
        let rates = Arc::new(Rates::read(&mut *self.database().pool().acquire().await?).await?);
        let kept = (Instant::now(), Arc::clone(&rates));
        *self.shared.rates.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(rates)
    }

    /// Where shoppers may collect what they have bought, in words; `None` where everything is sent.
    #[must_use]
    pub fn collect_at(&self) -> Option<&str> {
        self.settings().collect_at.as_deref()
    }

    pub(crate) fn tills(&self) -> &Tills {
        &self.shared.tills
    }

    /// Wakes the worker, or keeps it awake for one more round.
    pub(crate) fn wake_worker(&self) {
        self.shared.worker.notify_one();
    }

    pub(crate) async fn worker_woken(&self) {
        self.shared.worker.notified().await;
    }

    pub(crate) fn wake_relay(&self) {
        self.shared.relay.notify_one();
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.shared.tasks
    }
}
