//! `script/bench shop`: whole purchases per second through the open shop's door, from an empty basket to paid, each by a
//! new guest: a book into the basket, then the order with a payment method. Every request is counted.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// What one run came to.
struct Run {
    shelf: &'static str,
    buyers: u64,
    per_second: f64,
    requests_per_purchase: f64,
    p50: f64,
    p99: f64,
    failed: u64,
}

#[tokio::main]
async fn main() {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let shop = setting("BENCH_SHOP_URL");
    let first: u64 = setting("BENCH_FIRST_EDITION").parse().unwrap();
    let books: u64 = setting("BENCH_BOOKS").parse().unwrap();
    println!("| shelf | buyers | purchases/s | requests/purchase | p50 ms | p99 ms | failed |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut best = [("hot", 0.0_f64), ("spread", 0.0_f64)];
    for (shelf, books) in [("hot", 1), ("spread", books)] {
        for buyers in [16, 64, 256] {
            let run = run(&shop, shelf, first, books, buyers, Duration::from_secs(10)).await;
            println!(
                "| {} | {} | {:.0} | {:.1} | {:.0} | {:.0} | {} |",
                run.shelf, run.buyers, run.per_second, run.requests_per_purchase, run.p50, run.p99, run.failed
            );
            for (name, most) in &mut best {
                if *name == run.shelf {
                    *most = most.max(run.per_second);
                }
            }
        }
    }
    println!();
    for (name, per_second) in best {
        let outcome = if per_second >= 200.0 { "met" } else { "missed" };
        println!("goal http-{name}-per-second: {per_second:.1} (wanted ≥ 200) {outcome}");
    }
}

async fn run(shop: &str, shelf: &'static str, first: u64, books: u64, buyers: u64, time: Duration) -> Run {
    let (requests, failed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let client = Client::builder().pool_max_idle_per_host(buyers as usize).build().unwrap();
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
    let took = begun.elapsed();
    times.sort_unstable();
    let percentile = |percent: usize| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    };
    Run {
        shelf,
        buyers,
        per_second: times.len() as f64 / took.as_secs_f64(),
        requests_per_purchase: requests.load(Ordering::Relaxed) as f64 / times.len() as f64,
        p50: percentile(50),
        p99: percentile(99),
        failed: failed.load(Ordering::Relaxed),
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
