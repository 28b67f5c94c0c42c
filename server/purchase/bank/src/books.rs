//! The bank's books: all state, changed only by entries that the ledger holds already.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::{
    clock::now_ms,
    config::Config,
    dispute::Dispute,
    idempotency::Answer,
    intent::Intent,
    ledger::Ledger,
    refund::Refund,
    session::Session,
    webhook::{Delivery, Event},
};

/// One change: a record as it is from now on.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    Session(Session),
    Intent(Intent),
    Refund(Refund),
    Dispute(Dispute),
    Event(Event),
    Delivery(Delivery),
    Answer(Answer),
}

/// Records by id, in the order in which they first came.
pub struct Shelf<T> {
    by_id: HashMap<String, T>,
    order: Vec<String>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { by_id: HashMap::new(), order: Vec::new() }
    }
}

impl<T> Shelf<T> {
    pub fn find(&self, id: &str) -> Option<&T> {
        self.by_id.get(id)
    }

    /// All, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.order.iter().rev().filter_map(|id| self.by_id.get(id))
    }

    fn put(&mut self, id: &str, record: T) -> Option<T> {
        let old = self.by_id.insert(id.to_owned(), record);
        if old.is_none() {
            self.order.push(id.to_owned());
        }
        old
    }
}

/// Everything the bank knows.
#[derive(Default)]
pub struct State {
    pub sessions: Shelf<Session>,
    pub intents: Shelf<Intent>,
    pub refunds: Shelf<Refund>,
    pub disputes: Shelf<Dispute>,
    pub events: Shelf<Event>,
    /// Events that still have to be posted.
    pub deliveries: BTreeMap<String, Delivery>,
    /// What time alone will change: unix seconds and id.
    pub deadlines: BTreeSet<(i64, String)>,
    answers: HashMap<String, Answer>,
}

impl State {
    fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Session(session) => {
                let (id, due) = (session.id.clone(), session.due());
                let old = self.sessions.put(&id, session).and_then(|old| old.due());
                self.reschedule(id, old, due);
            }
            Entry::Intent(intent) => {
                let (id, due) = (intent.id.clone(), intent.due());
                let old = self.intents.put(&id, intent).and_then(|old| old.due());
                self.reschedule(id, old, due);
            }
            Entry::Refund(refund) => {
                let (id, due) = (refund.id.clone(), refund.due());
                let old = self.refunds.put(&id, refund).and_then(|old| old.due());
                self.reschedule(id, old, due);
            }
            Entry::Dispute(dispute) => {
                self.disputes.put(&dispute.id.clone(), dispute);
            }
            Entry::Event(event) => {
                self.deliveries.insert(event.id.clone(), Delivery::first(&event));
                self.events.put(&event.id.clone(), event);
            }
            Entry::Delivery(delivery) if delivery.next_ms.is_none() => {
                self.deliveries.remove(&delivery.event);
            }
            Entry::Delivery(delivery) => {
                self.deliveries.insert(delivery.event.clone(), delivery);
            }
            Entry::Answer(answer) => {
                self.answers.insert(answer.key.clone(), answer);
            }
        }
    }

    fn reschedule(&mut self, id: String, old: Option<i64>, due: Option<i64>) {
        if let Some(old) = old {
            self.deadlines.remove(&(old, id.clone()));
        }
        if let Some(due) = due {
            self.deadlines.insert((due, id));
        }
    }
}

/// A change in the making: it sees its own entries, and nobody else does until they are on disk.
pub struct Draft<'a> {
    pub config: &'a Config,
    /// Unix milliseconds, one reading for the whole change.
    pub now_ms: i64,
    pub state: &'a State,
    entries: Vec<Entry>,
}

impl Draft<'_> {
    /// Unix seconds.
    pub fn now(&self) -> i64 {
        self.now_ms / 1000
    }

    /// When what takes a while will be done: not before the time that the slow card takes.
    pub fn in_a_while(&self) -> i64 {
        let slow = i64::try_from(self.config.slow.as_millis()).unwrap_or(i64::MAX);
        self.now_ms.saturating_add(slow).saturating_add(999) / 1000
    }

    /// Adds an entry.
    pub fn put(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// The session as it stands in this change.
    pub fn session(&self, id: &str) -> Option<Session> {
        let own = self.entries.iter().rev().find_map(|entry| match entry {
            Entry::Session(session) if session.id == id => Some(session),
            _ => None,
        });
        own.or_else(|| self.state.sessions.find(id)).cloned()
    }

    /// The intent as it stands in this change.
    pub fn intent(&self, id: &str) -> Option<Intent> {
        let own = self.entries.iter().rev().find_map(|entry| match entry {
            Entry::Intent(intent) if intent.id == id => Some(intent),
            _ => None,
        });
        own.or_else(|| self.state.intents.find(id)).cloned()
    }

    /// The stored answer to an idempotency key.
    pub fn answer(&self, key: &str) -> Option<&Answer> {
        self.state.answers.get(key)
    }
}

/// The books of one bank.
pub struct Books {
    config: Arc<Config>,
    inner: Mutex<(Ledger, State)>,
    /// Told after each change that brought an event.
    pub news: Notify,
}

impl Books {
    /// Rebuilds the state from the ledger.
    pub fn open(config: Arc<Config>) -> anyhow::Result<Self> {
        let mut state = State::default();
        let ledger = Ledger::open(&config.ledger, |entry| state.apply(entry))?;
        Ok(Self { config, inner: Mutex::new((ledger, state)), news: Notify::new() })
    }

    /// Looks at the state.
    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock().1)
    }

    /// Makes one change: all its entries in one line on disk, or, if `change` fails, none. Blocks on the disk.
    pub fn write<T, E: From<io::Error>>(&self, change: impl FnOnce(&mut Draft<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut inner = self.lock();
        let (ledger, state) = &mut *inner;
        let now_ms = now_ms();
        let mut draft = Draft { config: &self.config, now_ms, state, entries: Vec::new() };
        let value = change(&mut draft)?;
        let entries = draft.entries;
        if entries.is_empty() {
            return Ok(value);
        }
        ledger.append(now_ms / 1000, &entries)?;
        let news = entries.iter().any(|entry| matches!(entry, Entry::Event(_)));
        entries.into_iter().for_each(|entry| state.apply(entry));
        drop(inner);
        if news {
            self.news.notify_one();
        }
        Ok(value)
    }

    // The state changes only after all that can panic, so a poisoned lock guards sound books.
    fn lock(&self) -> MutexGuard<'_, (Ledger, State)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
