//! `script/bench shop`: whole purchases per second through the open shop's door, from an empty basket to paid, each by a
//! new guest: a book into the basket, then the order with a payment method. Every request is counted.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

mod mailbox;
#[path = "../measure/mod.rs"]
mod measure;
mod usage;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mailbox::Mailbox;
use measure::{Goal, percentile, print_goals};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use usage::{Cost, Meter};

/// What one run came to.
struct Run {
    shelf: &'static str,
    buyers: u64,
    bought: usize,
    per_second: f64,
    requests_per_purchase: f64,
    p50: f64,
    p99: f64,
    failed: u64,
    /// Seconds until the last mail was sent, after the last purchase.
    mails_behind: f64,
    cost: Cost,
}

// One thread: whoever measures takes as little as can be from what is measured.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let shop = setting("BENCH_SHOP_URL");
    let first: u64 = setting("BENCH_FIRST_EDITION").parse().unwrap();
    let books: u64 = setting("BENCH_BOOKS").parse().unwrap();
    let seconds = Duration::from_secs(setting("BENCH_SECONDS").parse().unwrap());
    let crowds: Vec<u64> = setting("BENCH_BUYERS").split_whitespace().map(|buyers| buyers.parse().unwrap()).collect();
    let mut meter = Meter::open(&setting("BENCH_PROCESSES"), &setting("BENCH_DATABASE_URL")).await;
    let mailbox = Mailbox::open(&setting("BENCH_MAILBOX")).await;
    let mut runs = Vec::new();
    for (shelf, books) in [("hot", 1), ("spread", books)] {
        for buyers in &crowds {
            let run = run(&shop, &mut meter, shelf, first, books, *buyers, seconds).await;
            println!("{shelf} {buyers} buyers: {:.0} a second, {} failed", run.per_second, run.failed);
            runs.push(run);
        }
    }
    print_table(&runs);
    let best = |shelf| runs.iter().filter(|run| run.shelf == shelf).map(|run| run.per_second).fold(0.0, f64::max);
    let bought: f64 = runs.iter().map(|run| run.bought as f64).sum();
    print_goals(&[
        Goal::at_least("http-hot-per-second", best("hot"), 200.0),
        Goal::at_least("http-spread-per-second", best("spread"), 200.0),
        Goal::at_most("purchases-without-one-mail", (mailbox.arrived() as f64 - bought).abs(), 0.0),
        Goal::at_most("failed", runs.iter().map(|run| run.failed as f64).sum(), 0.0),
    ]);
}

fn print_table(runs: &[Run]) {
    println!(
        "\n| shelf | buyers | purchases/s | p50 ms | p99 ms | failed | mails behind s | requests | statements | commits |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for run in runs {
        let Run { shelf, buyers, per_second, requests_per_purchase, p50, p99, failed, mails_behind, cost, .. } = run;
        println!(
            "| {shelf} | {buyers} | {per_second:.0} | {p50:.0} | {p99:.0} | {failed} | {mails_behind:.1} | {requests_per_purchase:.1} | {:.1} | {:.2} |",
            cost.statements, cost.commits
        );
    }
    println!("\nProcessor milliseconds for each purchase:\n");
    let names: Vec<&str> = runs[0].cost.processor.iter().map(|(name, _)| name.as_str()).collect();
    println!("| shelf | buyers | {} | all |", names.join(" | "));
    println!("| --- |{}", " ---: |".repeat(names.len() + 2));
    for run in runs {
        let spent = run.cost.processor.iter().map(|(_, spent)| format!("{spent:.2}")).collect::<Vec<_>>().join(" | ");
        let all: f64 = run.cost.processor.iter().map(|(_, spent)| spent).sum();
        println!("| {} | {} | {spent} | {all:.2} |", run.shelf, run.buyers);
    }
    println!();
}

async fn run(
    shop: &str,
    meter: &mut Meter,
    shelf: &'static str,
    first: u64,
    books: u64,
    buyers: u64,
    time: Duration,
) -> Run {
    let (requests, failed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let client = Client::builder().pool_max_idle_per_host(buyers as usize).build().unwrap();
    let before = meter.read().await;
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for buyer in 0..buyers {
        let (shop, client) = (shop.to_owned(), client.clone());
        let (requests, failed) = (Arc::clone(&requests), Arc::clone(&failed));
        running.spawn(async move {
            let mut times = Vec::new();
            for turn in 0.. {
                let started = Instant::now();
                if started.duration_since(begun) > time {
                    break;
                }
                let edition = first + (buyer * 7919 + turn * 104_729) % books;
                match buy(&client, &shop, edition, &requests).await {
                    Some(()) => times.push(started.elapsed()),
                    None => {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
            times
        });
    }
    let mut times: Vec<Duration> = running.join_all().await.into_iter().flatten().collect();
    // A purchase is complete once its money is captured; its mail may follow later, and is part of what it costs.
    meter.captured().await;
    let took = begun.elapsed();
    meter.mailed().await;
    let mails_behind = (begun.elapsed() - took).as_secs_f64();
    let after = meter.read().await;
    times.sort_unstable();
    Run {
        shelf,
        buyers,
        bought: times.len(),
        per_second: times.len() as f64 / took.as_secs_f64(),
        requests_per_purchase: requests.load(Ordering::Relaxed) as f64 / times.len() as f64,
        p50: percentile(&times, 50),
        p99: percentile(&times, 99),
        failed: failed.load(Ordering::Relaxed),
        mails_behind,
        cost: meter.cost(&before, &after, times.len()),
    }
}

/// One guest's whole purchase; `None` where anything but "paid" came of it.
async fn buy(client: &Client, shop: &str, edition: u64, requests: &AtomicU64) -> Option<()> {
    let post = |path: &str, body: Value| {
        requests.fetch_add(1, Ordering::Relaxed);
        client.post(format!("{shop}{path}")).header("Accept", "application/json").header("Origin", shop).json(&body)
    };
    let added = post("/api/add_to_basket", json!({ "edition": edition, "quantity": 1 })).send().await.ok()?;
    let cookie = added.headers().get("set-cookie")?.to_str().ok()?.split(';').next()?.to_owned();
    let basket: Value = added.json().await.ok()?;
    let order = json!({
        "token": basket["token"], "payment_method": "pm_card_visa", "email": "bench@shopper.example",
        "name": "Ada Lovelace", "street": "12 St James's Square", "postcode": "1010", "city": "Wien",
    });
    let key = format!("{:032x}", rand::random::<u128>());
    let placed = post("/api/place_order", order).header("Cookie", cookie).header("Idempotency-Key", key);
    let placed: Value = placed.send().await.ok()?.json().await.ok()?;
    (placed["paid"] == true).then_some(())
}

fn setting(name: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "a measurement is configured by the script that runs it")]
    std::env::var(name).unwrap()
}
