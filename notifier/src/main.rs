//! `octavo-notifier` serves; `octavo-notifier migrate` brings its database up to date.

use std::process::ExitCode;

use anyhow::{Context, bail};
use notifier::config::{self, Settings};
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

// One thread: it waits for others nearly all of the time, and a second one would only be woken in vain.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start_log();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        None => serve().await,
        Some("migrate") => migrate().await,
        Some(other) => bail!("unknown command `{other}`: it is `octavo-notifier` or `octavo-notifier migrate`"),
    }
}

async fn serve() -> anyhow::Result<()> {
    let settings = Settings::load()?;
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping: mails in hand are finished");
        stop.cancel();
    });
    let notifier = notifier::Notifier::open(settings).await?;
    tracing::info!(address = %notifier.address()?, "the notifier is running");
    notifier.run(cancel).await
}

async fn migrate() -> anyhow::Result<()> {
    let url = config::migrate_url()?;
    database::schema::migrate(url.expose_secret(), &notifier::MIGRATIONS)
        .await
        .context("the notifier's database could not be migrated")?;
    tracing::info!("the notifier's database is up to date");
    Ok(())
}

fn start_log() {
    // lapin would log every vain connection; the consumer says it once.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,lapin=off"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config::logs_json() {
        log.json().init();
    } else {
        log.init();
    }
}
