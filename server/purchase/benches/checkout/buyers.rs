//! Buyers at work: as many as there are, each after the other's answer (closed), or as they come (open).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use purchase::Error;
use purchase::place::contact::ContactForm;
use purchase::place::idempotency::{ClientKey, Key};
use purchase::place::{PlaceOrder, PlaceOutcome, Progress};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::naive;
use crate::shop::{Arm, Buyer, Shelf, Shop, titles};

/// What a run came to.
pub struct Run {
    pub arm: Arm,
    pub shelf: Shelf,
    pub buyers: usize,
    pub per_second: f64,
    /// Milliseconds from the order to its answer.
    pub p50: f64,
    pub p99: f64,
    pub commits_per_purchase: f64,
    /// Purchases that were turned away or ran out of time.
    pub failed: usize,
}

impl Run {
    pub fn line(&self) -> String {
        format!(
            "{:?} {:?} {} buyers: {:.0} a second, p50 {:.0} ms, p99 {:.0} ms, {:.2} commits a purchase, {} failed",
            self.arm,
            self.shelf,
            self.buyers,
            self.per_second,
            self.p50,
            self.p99,
            self.commits_per_purchase,
            self.failed
        )
    }
}

/// Latency of a load as it comes, in milliseconds above the bank's own time.
pub struct Load {
    pub per_second: f64,
    pub p50: f64,
    pub p99: f64,
}

/// As many buyers as there are buy one after the other for `time`; each purchase is another shopper's.
pub async fn closed_loop(shop: &Arc<Shop>, arm: Arm, shelf: Shelf, buyers: usize, time: Duration) -> Run {
    // More than can be bought, so that nobody waits for a basket.
    let expected = match (arm, shelf) {
        (Arm::Naive, Shelf::Hot) => 25.0,
        (Arm::Octavo, _) => 2500.0,
        _ => 1500.0,
    };
    let count = (expected * time.as_secs_f64()) as usize + buyers;
    let queue = Arc::new(Mutex::new(shop.buyers(shelf, count).await));
    let before = shop.commits().await;
    let (begun, failed) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let end = begun + time;
    let mut running = JoinSet::new();
    for _ in 0..buyers {
        let (shop, queue, failed) = (Arc::clone(shop), Arc::clone(&queue), Arc::clone(&failed));
        running.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < end {
                let Some(buyer) = queue.lock().await.pop() else { break };
                let started = Instant::now();
                match buy(&shop, arm, &buyer).await {
                    Ok(()) => times.push(started.elapsed()),
                    Err(_) => {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
            times
        });
    }
    let mut times: Vec<Duration> = running.join_all().await.into_iter().flatten().collect();
    captured(shop).await;
    let took = begun.elapsed();
    let commits = shop.commits().await - before;
    times.sort_unstable();
    Run {
        arm,
        shelf,
        buyers,
        per_second: times.len() as f64 / took.as_secs_f64(),
        p50: percentile(&times, 50),
        p99: percentile(&times, 99),
        commits_per_purchase: commits as f64 / times.len() as f64,
        failed: failed.load(Ordering::Relaxed),
    }
}

/// Buyers who come at this rate, at random, whether or not those before them are served.
pub async fn open_loop(shop: &Arc<Shop>, shelf: Shelf, per_second: f64, time: Duration) -> Load {
    let waiting = shop.buyers(shelf, (per_second * time.as_secs_f64()) as usize).await;
    let begun = tokio::time::Instant::now();
    let mut due = 0.0;
    let mut running = JoinSet::new();
    for buyer in waiting {
        due += -f64::ln(1.0 - rand::random::<f64>()) / per_second;
        tokio::time::sleep_until(begun + Duration::from_secs_f64(due)).await;
        // From when it was due: a late start is the load's, not the clock's.
        let started = begun + Duration::from_secs_f64(due);
        let shop = Arc::clone(shop);
        running.spawn(async move {
            buy(&shop, Arm::Octavo, &buyer).await.unwrap();
            started.elapsed().saturating_sub(2 * crate::BANK)
        });
    }
    let count = running.len();
    let mut times = running.join_all().await;
    let took = begun.elapsed();
    captured(shop).await;
    times.sort_unstable();
    Load { per_second: count as f64 / took.as_secs_f64(), p50: percentile(&times, 50), p99: percentile(&times, 99) }
}

async fn buy(shop: &Shop, arm: Arm, buyer: &Buyer) -> Result<(), Error> {
    if arm == Arm::Naive {
        return naive::buy(shop, buyer).await;
    }
    let key = buyer.shopper.id().to_string();
    let request = PlaceOrder {
        key: Key::Client(ClientKey::parse(&key).unwrap()),
        token: buyer.token,
        contact: ContactForm {
            email: "ada@example.org".to_owned(),
            name: "Ada Lovelace".to_owned(),
            street: "12 St James's Square".to_owned(),
            postcode: "1010".to_owned(),
            city: "Wien".to_owned(),
        },
        method: Some("pm_card_visa".to_owned()),
    };
    let found = |editions| async move { Ok::<_, Error>(titles(editions)) };
    match shop.purchase(arm).place_order(&buyer.shopper, request, found).await? {
        PlaceOutcome::Placed(placed) if placed.progress == Progress::Paid => Ok(()),
        _ => Err(Error::Full),
    }
}

/// A purchase is complete once its money is captured.
async fn captured(shop: &Shop) {
    let open = "select count(*) from payment_attempt where state in ('creating', 'open', 'authorised')";
    while sqlx::query_scalar::<_, i64>(open).fetch_one(shop.database.pool()).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}
