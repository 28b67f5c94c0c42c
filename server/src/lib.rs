//! The shop's process: opens the port, wires the modules, sheds load; owns no rules.
//!
//! [`router`](mod@router) lists what is answered, `layer/` holds a layer a file, `wiring` makes the modules.

pub mod catalogue;
pub mod config;
mod health;
pub mod import;
mod layer;
pub mod promotion;
pub mod reconcile;
pub mod refund;
mod router;
pub mod signals;
mod webhook;
mod wiring;

use anyhow::Context;
use identity::SessionStore;
use leptos::config::LeptosOptions;
use outbox::Relay;
use secrecy::ExposeSecret;
use sqlx::migrate::Migrator;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;

/// The history of the shop's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/shop");

/// Runs the shop on `listener` until `stop`; then no one is let in any more, and what is under way is finished.
///
/// # Errors
/// When a part cannot be started, with what to do.
pub async fn run(
    config: Config,
    leptos: LeptosOptions,
    listener: TcpListener,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let database = wiring::database(&config).await?;
    let current = database::schema::is_current(&database, &MIGRATIONS).await.unwrap_or(false);
    anyhow::ensure!(current, "the database's schema is not this version's: run `octavo-server migrate` first");
    let sessions = SessionStore::new(database.clone());

    // The workers outlive the port: what a request leaves behind is still taken care of.
    let workers = TaskTracker::new();
    let stop_workers = CancellationToken::new();
    let names = messages::Names::prefixed(&config.broker.prefix);
    let relay = Relay::new(database.clone(), config.broker.url.expose_secret().to_owned()).with_names(names);
    let gateway = wiring::gateway(&config, &database, relay.wake()).await?;
    let (purchase, index, sweeper) = (gateway.purchase.clone(), gateway.index.clone(), sessions.clone());
    workers.spawn(relay.run(stop_workers.clone()));
    workers.spawn(reconcile::look_through_stock(purchase.clone()));
    let token = stop_workers.clone();
    workers.spawn(async move { purchase.work(token).await });
    let token = stop_workers.clone();
    workers.spawn(async move { index.run(token).await });
    let token = stop_workers.clone();
    workers.spawn(async move { sweeper.run(token).await });
    workers.close();

    let address = listener.local_addr().context("the port has no address")?;
    tracing::info!(%address, public_url = config.shop.public_url, "the shop is open");
    let app = router::router(&config, leptos, gateway.clone(), sessions, database.clone(), stop.clone())?;
    let served = axum::serve(listener, app).with_graceful_shutdown(async move { stop.cancelled().await }).await;
    stop_workers.cancel();
    workers.wait().await;
    gateway.purchase.finish().await;
    database.close().await;
    tracing::info!("the shop is closed");
    served.context("the port failed")
}
