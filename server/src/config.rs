//! How this shop runs: `Leptos.toml`, overlaid by `OCTAVO_<SECTION>__<KEY>` from the environment. The one place that
//! reads the environment.
#![expect(clippy::disallowed_methods, reason = "settings come from the environment, and only here")]

use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, anyhow, ensure};
use config::{ConfigError, Environment, File, FileFormat};
use leptos::config::LeptosOptions;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Everything that a shop decides.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The shop itself.
    pub shop: Shop,
    /// Its database.
    pub database: Database,
    /// The message broker.
    pub broker: Broker,
    /// Who takes the money.
    pub payment: Payment,
    /// The search index.
    #[serde(default)]
    pub search: Search,
    /// The notifier reads its own section.
    #[serde(default, rename = "notifier")]
    _notifier: Option<IgnoredAny>,
    /// What cargo-leptos has built; Leptos reads it itself.
    #[serde(default, rename = "package")]
    _package: Option<IgnoredAny>,
}

/// The shop itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// Where shoppers reach it, without a slash at the end. With https, cookies are `Secure`.
    pub public_url: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Makes the checkout form's tokens: 32 characters or more that nobody knows.
    pub token_secret: SecretString,
}

/// The shop's database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `mysql://user:password@host:port/database`, of a user without DDL rights.
    pub url: SecretString,
    /// The same with DDL rights; only `octavo-server migrate` needs it.
    pub migrate_url: Option<SecretString>,
    /// Connections that this process may hold.
    #[serde(default = "default_connections")]
    pub max_connections: u32,
}

fn default_connections() -> u32 {
    32
}

/// The message broker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broker {
    /// `amqp://user:password@host:port/vhost`
    pub url: SecretString,
    /// Put before all names at the broker, so that several shops can share one.
    #[serde(default)]
    pub prefix: String,
}

/// Who takes the money.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// `https://api.stripe.com`, or the demonstration bank.
    pub base_url: String,
    /// The key for its API.
    pub secret_key: SecretString,
    /// What it signs its webhooks with.
    pub webhook_secret: SecretString,
    /// Minutes that copies are set aside for who pays.
    #[serde(default = "default_hold")]
    pub hold_minutes: u64,
}

fn default_hold() -> u64 {
    40
}

/// The search index.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Where it lies on disk; in memory where none is named.
    pub index_dir: Option<PathBuf>,
}

impl Config {
    /// Reads file and environment.
    ///
    /// # Errors
    /// Names the key that is unknown, missing or wrong, and says what to do.
    pub fn load() -> anyhow::Result<Self> {
        let (path, named) = file();
        let source = config::Config::builder()
            .add_source(File::new(&path, FileFormat::Toml).required(named))
            .add_source(Environment::with_prefix("OCTAVO").prefix_separator("_").separator("__").try_parsing(true))
            .build()
            .map_err(|error| explain(&error))?;
        // OCTAVO_CONFIG and OCTAVO_LOG_FORMAT are no settings of a section.
        let config: Self = without_switches(source)?.try_deserialize().map_err(|error| explain(&error))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        let url = &self.shop.public_url;
        ensure!(
            (url.starts_with("http://") || url.starts_with("https://")) && !url.ends_with('/'),
            "[shop] public_url must look like https://shop.example, without a slash at the end"
        );
        ensure!(
            self.shop.token_secret.expose_secret().len() >= 32,
            "[shop] token_secret is too short: set OCTAVO_SHOP__TOKEN_SECRET to 32 random characters or more, such as \
             `openssl rand -hex 32` prints"
        );
        ensure!(
            (36..=24 * 60).contains(&self.payment.hold_minutes),
            "[payment] hold_minutes must be between 36 (the bank wants 30 of its own) and 1440"
        );
        ensure!(self.database.max_connections > 1, "[database] max_connections must be at least 2");
        Ok(())
    }

    /// Whether shoppers reach the shop over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.shop.public_url.starts_with("https://")
    }
}

fn file() -> (String, bool) {
    match env::var("OCTAVO_CONFIG") {
        Ok(path) => (path, true),
        Err(_) => ("Leptos.toml".to_owned(), false),
    }
}

fn without_switches(source: config::Config) -> anyhow::Result<config::Config> {
    let mut sections = source.cache;
    if let config::ValueKind::Table(table) = &mut sections.kind {
        for switch in ["config", "log_format", "data"] {
            table.remove(switch);
        }
        // The notifier's and the bank's environment is theirs.
        for other in ["bank"] {
            table.remove(other);
        }
    }
    let mut config = config::Config::default();
    config.cache = sections;
    Ok(config)
}

fn explain(error: &ConfigError) -> anyhow::Error {
    anyhow!(
        "the settings cannot be used: {error}. Every key of Leptos.toml can be set there, or in the environment as \
         OCTAVO_<SECTION>__<KEY>, such as OCTAVO_DATABASE__URL"
    )
}

/// What cargo-leptos has built, from the same file and `LEPTOS_*`.
///
/// # Errors
/// When the file cannot be read.
pub fn leptos_options() -> anyhow::Result<LeptosOptions> {
    let (path, _) = file();
    let options = leptos::config::get_configuration(Some(&path))
        .with_context(|| format!("the section [package.metadata.leptos] of {path} cannot be read"))?;
    Ok(options.leptos_options)
}

/// Whether the log is to be JSON (`OCTAVO_LOG_FORMAT=json`).
#[must_use]
pub fn logs_json() -> bool {
    env::var("OCTAVO_LOG_FORMAT").is_ok_and(|format| format == "json")
}
