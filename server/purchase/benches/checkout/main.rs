//! `script/bench checkout`: completed purchases per second at the purchase module's edge, by design:
//! the naive one (the row lock held while paying), the three steps without a till, Octavo, and the floor that the
//! database itself sets. Needs a durable database in `TEST_DATABASE_URL`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

mod bank;
mod buyers;
mod floor;
#[path = "../measure/mod.rs"]
mod measure;
mod naive;
mod plot;
mod shop;
mod table;

use std::sync::Arc;
use std::time::Duration;

use buyers::{Run, closed_loop, open_loop};
use measure::{Goal, print_goals};
use shop::{Arm, Shelf, Shop};
use table::print_table;

/// How long the bank takes to answer, each time.
pub const BANK: Duration = Duration::from_millis(50);

#[tokio::main]
async fn main() {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let seconds = Duration::from_secs(setting("BENCH_SECONDS", 6));
    let most = usize::try_from(setting("BENCH_BUYERS", 1000)).unwrap();
    let shop = Arc::new(Shop::open().await);
    println!("{}\n", shop.describe().await);

    let mut runs: Vec<Run> = Vec::new();
    for shelf in [Shelf::Hot, Shelf::Spread] {
        for buyers in [16, 64, 256, 1000].into_iter().filter(|buyers| *buyers <= most) {
            for arm in [Arm::Naive, Arm::Steps, Arm::Octavo].into_iter().filter(|arm| wanted(*arm, shelf)) {
                runs.push(closed_loop(&shop, arm, shelf, buyers, seconds).await);
                println!("{}", runs.last().unwrap().line());
            }
        }
    }
    let floor = floor::updates_per_second(&shop, seconds).await;
    println!("\n(d) the floor: {floor:.0} single-row conditional updates of one row a second, each its own commit\n");
    let rate = |arm: Arm, shelf: Shelf, buyers: usize| {
        runs.iter()
            .find(|run| run.arm == arm && run.shelf == shelf && run.buyers == buyers)
            .map_or(f64::NAN, |run| run.per_second)
    };
    let hottest = rate(Arm::Octavo, Shelf::Hot, 256.min(most));
    let load = open_loop(&shop, Shelf::Hot, hottest * 0.8, seconds).await;
    println!(
        "at 80 % of that, {:.0} a second: p50 {:.0} ms, p99 {:.0} ms above the bank's own time\n",
        load.per_second, load.p50, load.p99
    );

    print_table(&runs);
    if let Some(path) = text("BENCH_PLOT") {
        plot::draw(&runs, &path).unwrap();
    }
    let spread = 1000.min(most);
    let oversold = shop.oversold().await;
    print_goals(&[
        Goal::at_least("hot-256-per-second", hottest, 700.0),
        Goal::at_least("hot-256-over-steps", hottest / rate(Arm::Steps, Shelf::Hot, 256.min(most)), 4.0),
        Goal::at_least("hot-256-over-naive", hottest / rate(Arm::Naive, Shelf::Hot, 256.min(most)), 35.0),
        Goal::at_least(
            "spread-1000-over-steps",
            rate(Arm::Octavo, Shelf::Spread, spread) / rate(Arm::Steps, Shelf::Spread, spread),
            1.3,
        ),
        Goal::at_most("p99-ms-above-bank-at-80-percent", load.p99, 250.0),
        Goal::at_most("oversold", oversold, 0.0),
    ]);
    if let Some(shop) = Arc::into_inner(shop) {
        shop.close().await;
    }
}

/// `BENCH_ONLY` names an arm or a shelf, to look at one alone.
fn wanted(arm: Arm, shelf: Shelf) -> bool {
    let only = text("BENCH_ONLY").unwrap_or_default();
    only.split_whitespace().all(|word| format!("{arm:?} {shelf:?}").contains(word))
}

fn setting(name: &str, otherwise: u64) -> u64 {
    text(name).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn text(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a measurement is configured by the script that runs it")]
    std::env::var(name).ok()
}
