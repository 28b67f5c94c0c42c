//! The till: buyers who wait anyway are served together. A row's rate is one divided by the time for which its lock is
//! held, the commit's fsync included; a batch in one transaction pays for both once. The locks stay in the database,
//! so several instances remain right: the till only makes the transactions fewer.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use database::IsDatabaseError;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::Error;

/// The most entries of one batch.
const MOST_IN_BATCH: usize = 256;
/// The most entries that wait; whoever comes then is sent away with nothing stored.
const MOST_WAITING: usize = 4096;

/// How a till serves.
#[derive(Clone, Copy, Debug)]
pub struct TillSettings {
    /// The most entries of one transaction; 1 serves everybody alone.
    pub batch: usize,
    /// How many transactions may be under way at once.
    pub lanes: usize,
}

impl Default for TillSettings {
    fn default() -> Self {
        Self { batch: MOST_IN_BATCH, lanes: 1 }
    }
}

/// What a till does with those who stand in its queue.
pub(crate) trait Counter: Send + Sync + 'static {
    type Entry: Send + Sync + 'static;
    type Answer: Send + 'static;
    type Key: Eq + Hash;

    /// What a batch may touch only once; a second entry with the same key waits for the first one's answer.
    fn keys(entry: &Self::Entry) -> impl Iterator<Item = Self::Key>;

    /// Serves all entries in one transaction, in order of arrival: an answer for each, or an error and nothing stored.
    /// Must be safe to repeat for an entry whose COMMIT had an unknown outcome: it finds what is stored.
    fn serve(&self, entries: &[&Self::Entry]) -> impl Future<Output = Result<Vec<Self::Answer>, Error>> + Send;
}

struct Waiting<C: Counter> {
    entry: C::Entry,
    answer: oneshot::Sender<Result<C::Answer, Error>>,
}

/// A queue and whoever serves it.
pub(crate) struct Till<C: Counter> {
    queue: mpsc::Sender<Waiting<C>>,
}

impl<C: Counter> Till<C> {
    /// Opens a till; it closes when this handle is dropped.
    pub(crate) fn open(counter: C, settings: TillSettings) -> Self {
        let (queue, waiting) = mpsc::channel(MOST_WAITING);
        tokio::spawn(serve_all(Arc::new(counter), waiting, settings));
        Self { queue }
    }

    /// Stands in the queue until served. Nothing is stored for whoever is sent away because it is full.
    pub(crate) async fn ask(&self, entry: C::Entry) -> Result<C::Answer, Error> {
        let (answer, served) = oneshot::channel();
        self.queue.try_send(Waiting { entry, answer }).map_err(|_| Error::Full)?;
        served.await.unwrap_or(Err(Error::Defect("a till closed over its queue")))
    }
}

async fn serve_all<C: Counter>(counter: Arc<C>, mut waiting: mpsc::Receiver<Waiting<C>>, settings: TillSettings) {
    let lanes = Arc::new(Semaphore::new(settings.lanes));
    let mut put_off = VecDeque::new();
    loop {
        // While the lanes are busy the next batch gathers in the queue.
        let Ok(lane) = Arc::clone(&lanes).acquire_owned().await else { return };
        if put_off.is_empty() {
            match waiting.recv().await {
                Some(first) => put_off.push_back(first),
                None => return,
            }
        }
        let batch = gather(&mut put_off, &mut waiting, settings.batch);
        let counter = Arc::clone(&counter);
        tokio::spawn(async move {
            serve(counter.as_ref(), batch).await;
            drop(lane);
        });
    }
}

/// The next batch, in order of arrival; who shares a key with one in it is put off to the next.
fn gather<C: Counter>(
    put_off: &mut VecDeque<Waiting<C>>,
    waiting: &mut mpsc::Receiver<Waiting<C>>,
    most: usize,
) -> Vec<Waiting<C>> {
    let (mut batch, mut taken, mut next) = (Vec::new(), HashSet::new(), VecDeque::new());
    while batch.len() < most && next.len() < most {
        let Some(entry) = put_off.pop_front().or_else(|| waiting.try_recv().ok()) else { break };
        let keys: Vec<C::Key> = C::keys(&entry.entry).collect();
        if keys.iter().any(|key| taken.contains(key)) {
            // Its keys are taken too: whoever comes after it for the same must not overtake it.
            taken.extend(keys);
            next.push_back(entry);
        } else {
            taken.extend(keys);
            batch.push(entry);
        }
    }
    next.append(put_off);
    *put_off = next;
    batch
}

async fn serve<C: Counter>(counter: &C, batch: Vec<Waiting<C>>) {
    let entries: Vec<&C::Entry> = batch.iter().map(|waiting| &waiting.entry).collect();
    let error = match counter.serve(&entries).await {
        Ok(answers) => {
            for (waiting, answer) in batch.into_iter().zip(answers) {
                // Whoever has hung up meanwhile finds the outcome in the database.
                let _gone = waiting.answer.send(Ok(answer));
            }
            return;
        }
        Err(error) => error,
    };
    let batch = match <[Waiting<C>; 1]>::try_from(batch) {
        Ok([alone]) => {
            let _gone = alone.answer.send(Err(error));
            return;
        }
        Err(batch) => batch,
    };
    tracing::warn!(entries = batch.len(), %error, "a batch failed: each goes alone");
    // Without a database there is no use in trying, and what is stored the same key finds later.
    let mut out_of_reach = error.is_out_of_reach();
    for Waiting { entry, answer } in batch {
        let alone = if out_of_reach { Err(Error::Full) } else { counter.serve(&[&entry]).await };
        out_of_reach |= alone.as_ref().is_err_and(IsDatabaseError::is_out_of_reach);
        let alone = alone.and_then(|answers| {
            answers.into_iter().next().ok_or(Error::Defect("a till served an entry without an answer"))
        });
        let _gone = answer.send(alone);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    type Batches = Arc<Mutex<Vec<Vec<u32>>>>;

    /// Doubles numbers; refuses any batch with a 13 in it, and panics over 666.
    #[derive(Default)]
    struct Doubling(Batches);

    impl Counter for Doubling {
        type Entry = u32;
        type Answer = u32;
        type Key = u32;

        fn keys(entry: &u32) -> impl Iterator<Item = u32> {
            std::iter::once(*entry)
        }

        async fn serve(&self, entries: &[&u32]) -> Result<Vec<u32>, Error> {
            self.0.lock().unwrap().push(entries.iter().map(|entry| **entry).collect());
            tokio::time::sleep(Duration::from_millis(5)).await;
            if entries.contains(&&13) {
                return Err(Error::Defect("thirteen"));
            }
            assert!(!entries.contains(&&666), "the number of the beast");
            Ok(entries.iter().map(|entry| *entry * 2).collect())
        }
    }

    fn till(settings: TillSettings) -> (Arc<Till<Doubling>>, Batches) {
        let served = Arc::new(Mutex::new(Vec::new()));
        (Arc::new(Till::open(Doubling(Arc::clone(&served)), settings)), served)
    }

    #[tokio::test]
    async fn those_who_wait_are_served_together_in_order_and_each_gets_its_own_answer() {
        let (till, served) = till(TillSettings::default());
        let asked = (101..=150).map(|number| till.ask(number));
        let answers = futures::future::join_all(asked).await;
        assert!(answers.into_iter().map(Result::unwrap).eq((101..=150).map(|number| number * 2)));
        let served = served.lock().unwrap();
        assert!(served.len() <= 3, "{served:?}");
        assert!(served.iter().flatten().copied().eq(101..=150));
    }

    #[tokio::test]
    async fn a_batch_holds_a_key_once_and_nobody_overtakes_his_own_kind() {
        let (till, served) = till(TillSettings::default());
        let answers = futures::future::join_all([7, 7, 7, 8].map(|number| till.ask(number))).await;
        assert!(answers.into_iter().all(|answer| answer.is_ok()));
        for batch in served.lock().unwrap().iter() {
            assert!(batch.iter().filter(|number| **number == 7).count() <= 1);
        }
        assert_eq!(served.lock().unwrap().iter().flatten().filter(|number| **number == 7).count(), 3);
    }

    #[tokio::test]
    async fn one_that_fails_takes_nobody_with_it() {
        let (till, _) = till(TillSettings::default());
        let answers = futures::future::join_all([1, 13, 3].map(|number| till.ask(number))).await;
        assert!(matches!(answers.as_slice(), [Ok(2), Err(Error::Defect("thirteen")), Ok(6)]));
    }

    /// Case 33.
    #[tokio::test]
    async fn a_till_that_panics_over_somebody_serves_the_next() {
        let (till, _) = till(TillSettings::default());
        assert!(till.ask(666).await.is_err());
        assert!(matches!(till.ask(1).await, Ok(2)));
    }

    #[tokio::test]
    async fn a_full_queue_sends_people_away_at_once() {
        let (till, _) = till(TillSettings { batch: 1, lanes: 1 });
        let asked = (0..5000).map(|number| till.ask(number + 100));
        let sent_away = async {
            let answers = futures::future::join_all(asked.map(|ask| async {
                match tokio::time::timeout(Duration::from_millis(200), ask).await {
                    Ok(Err(Error::Full)) => 1,
                    _ => 0,
                }
            }));
            answers.await.into_iter().sum::<i32>()
        };
        assert!(sent_away.await > 800);
    }
}
