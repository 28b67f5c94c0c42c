//! A stand-in bank for demonstrations and tests. It speaks Stripe's HTTP protocol, so a shop that works with it takes
//! real money at Stripe by changing an address and two secrets.
//!
//! `call` takes a request (key, idempotency, faults) to the rules in `session`, `intent`, `refund` and `dispute`; they
//! draft entries for the `books`, which stand in the `ledger` before anybody is answered. `page` is the shopper's side,
//! `webhook` the shop's, `control` the testers'; `clock` does what time does.

mod api;
mod books;
mod call;
mod card;
mod clock;
mod config;
mod connection;
mod control;
mod dispute;
mod error;
mod fault;
mod id;
mod idempotency;
mod intent;
mod ledger;
mod list;
mod money;
mod page;
mod params;
mod refund;
mod session;
mod webhook;

use std::{io, sync::Arc};

use anyhow::Context as _;
use axum::extract::DefaultBodyLimit;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    books::{Books, Draft},
    connection::{Breaker, Door},
    fault::Faults,
    idempotency::InFlight,
};
pub use crate::{config::Config, webhook::signature};

/// The largest request, in bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// What every request can reach.
struct Bank {
    config: Arc<Config>,
    books: Arc<Books>,
    faults: Faults,
    in_flight: InFlight,
    tasks: TaskTracker,
    http: reqwest::Client,
}

impl Bank {
    /// Makes one change off the async threads, for it waits for the disk.
    async fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<io::Error> + Send + 'static,
        F: FnOnce(&mut Draft<'_>) -> Result<T, E> + Send + 'static,
    {
        let books = Arc::clone(&self.books);
        let written = tokio::task::spawn_blocking(move || books.write(change)).await;
        written.unwrap_or_else(|error| Err(io::Error::other(error).into()))
    }
}

/// Serves on this listener until `shutdown` ends, then finishes what is under way. An error says why it cannot start
/// or go on.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    // An error only says that the process has chosen one already.
    let _already_chosen = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("octavo-bank/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("cannot set up the client that posts webhooks")?;
    let config = Arc::new(config);
    let bank = Arc::new(Bank {
        books: Arc::new(Books::open(Arc::clone(&config))?),
        config,
        faults: Faults::default(),
        in_flight: InFlight::default(),
        tasks: TaskTracker::new(),
        http,
    });
    let stop = CancellationToken::new();
    // Dropped with this future, so that nothing goes on behind a bank that was given up.
    let _stop_all = stop.clone().drop_guard();
    bank.tasks.spawn(clock::run(Arc::clone(&bank), stop.clone()));
    bank.tasks.spawn(webhook::run(Arc::clone(&bank), stop.clone()));
    let router = api::routes()
        .merge(page::routes())
        .merge(control::routes())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::clone(&bank));
    tracing::info!(address = %listener.local_addr()?, "the bank is open");
    axum::serve(Door(listener), router.into_make_service_with_connect_info::<Breaker>())
        .with_graceful_shutdown(shutdown)
        .await?;
    stop.cancel();
    bank.tasks.close();
    bank.tasks.wait().await;
    tracing::info!("the bank is closed");
    Ok(())
}
