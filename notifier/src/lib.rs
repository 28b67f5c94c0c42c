//! The e-mail process: [`consume`] writes down what is owed before it acknowledges, [`letter`] renders it,
//! [`deliver`] sends it over [`smtp`], [`http`] shows staff how it stands. It has a database of its own.

mod broker;
pub mod config;
mod consume;
mod deliver;
mod http;
mod letter;
mod mail;
mod smtp;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, ensure};
use database::{Database, schema};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::config::Settings;

/// The history of the notifier's database.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations/notifier");

/// A notifier that has reached its database and holds its port.
pub struct Notifier {
    settings: Settings,
    database: Database,
    listener: TcpListener,
}

impl Notifier {
    /// Connects to the database and opens the port.
    ///
    /// # Errors
    /// When either fails, or the database has not been migrated.
    pub async fn open(settings: Settings) -> anyhow::Result<Self> {
        let database = Database::connect(&database::Settings {
            url: settings.database_url.expose_secret().to_owned(),
            max_connections: settings.max_connections,
        })
        .await
        .context("the database that `database_url` names does not answer")?;
        ensure!(
            schema::is_current(&database, &MIGRATIONS).await.unwrap_or(false),
            "the notifier's database is not up to date: run `octavo-notifier migrate`"
        );
        let listener = TcpListener::bind(settings.address)
            .await
            .with_context(|| format!("`address` ({}) cannot be opened", settings.address))?;
        Ok(Self { settings, database, listener })
    }

    /// The address that the HTTP interface listens on.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Consumes, delivers and answers until `cancel`; then finishes what is in hand.
    ///
    /// # Errors
    /// When the HTTP interface breaks down.
    pub async fn run(self, cancel: CancellationToken) -> anyhow::Result<()> {
        let Self { settings, database, listener } = self;
        let wake = Arc::new(Notify::new());
        let consumer = consume::Consumer {
            broker_url: settings.broker_url,
            names: messages::Names::prefixed(&settings.broker_prefix),
            database: database.clone(),
            from: settings.from.clone(),
            wake: Arc::clone(&wake),
        };
        let deliverer = deliver::Deliverer::new(database.clone(), settings.smtp_url, settings.from.email, wake);
        let router = http::router(database.clone(), settings.credential);
        let serve = axum::serve(listener, router).with_graceful_shutdown(cancel.clone().cancelled_owned());
        let ((), (), served) =
            tokio::join!(consumer.run(&cancel), Arc::new(deliverer).run(&cancel), serve.into_future(),);
        database.close().await;
        served.context("the HTTP interface broke down")
    }
}

/// Opens a notifier and runs it until `cancel`.
///
/// # Errors
/// See [`Notifier::open`] and [`Notifier::run`].
pub async fn run(settings: Settings, cancel: CancellationToken) -> anyhow::Result<()> {
    Notifier::open(settings).await?.run(cancel).await
}
