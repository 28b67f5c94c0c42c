//! `octavo-torture SEED SECONDS [FOLDER]`: a whole shop under people who buy and a nemesis that kills. Whoever starts it
//! (script/torture) names a database server, a broker, and the folder of the programs. Afterwards everything is healed
//! and drained, and what the database, the bank and the mailbox say is held against what the shop told its buyers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broker;
mod buyer;
mod check;
mod client;
mod crew;
mod drain;
mod gate;
mod history;
mod mailbox;
mod nemesis;
mod places;
mod plan;
mod shop;
mod tally;
mod vouchers;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::buyer::Buyer;
use crate::history::History;
use crate::nemesis::Nemesis;
use crate::plan::{LONG_RUN, Plan};
use crate::shop::Shop;

/// How long what is under way may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(40);
/// At how many named steps a long run must have let somebody die.
const LEAST_STEPS: usize = 20;

#[tokio::main]
async fn main() -> ExitCode {
    let plan = Plan::from_arguments();
    // A second one finds it installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let shop = Arc::new(Shop::open(&plan).await);
    let history = History::create(&plan.folder.join("history.jsonl"));
    let overseer = tokio::spawn(crew::oversee(Arc::clone(&shop.crew)));
    let nemesis = tokio::spawn(Nemesis::new(&plan, Arc::clone(&shop)).run());
    let mut buyers = JoinSet::new();
    for number in 0..plan.buyers {
        buyers.spawn(Buyer::new(&plan, number, Arc::clone(&shop), history.clone()).run());
    }
    sleep(plan.duration).await;
    shop.closing.cancel();
    nemesis.await.unwrap();
    if timeout(PATIENCE, async { while buyers.join_next().await.is_some() {} }).await.is_err() {
        println!("{} buyers are still busy: what they asked for last counts as unknown", buyers.len());
        buyers.abort_all();
    }
    overseer.abort();
    let mut violations = shop.heal_and_drain().await;
    let operations = history.close();
    violations.extend(check::check(&shop, &operations).await);
    let purchases = shop.count("select count(*) from orders where state = 'paid'").await;
    let kills = shop.crew.lock().await.kills.clone();
    println!("{}", history::summary(&operations));
    println!("killed: {kills}");
    for trouble in shop.books_line.troubles().into_iter().chain(shop.mails_line.troubles()) {
        shop.deeds.add(&format!("{trouble:?}"));
    }
    println!("done: {}", shop.deeds);
    let covered = kills.covers(&places::SERVER) + kills.covers(&places::NOTIFIER);
    println!("died at {covered} of {} named steps", places::SERVER.len() + places::NOTIFIER.len());
    if plan.duration >= LONG_RUN && covered < LEAST_STEPS {
        violations.push(format!("COVERAGE nobody died at more than {covered} named steps"));
    }
    for violation in &violations {
        println!("VIOLATION {violation}");
    }
    let clean = violations.is_empty();
    shop.close(clean).await;
    println!(
        "torture seed {}: {purchases} purchases, {} kills, {} violations",
        plan.seed,
        kills.count(),
        violations.len()
    );
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
