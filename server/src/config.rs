//! How this shop runs: `Leptos.toml`, overlaid by `OCTAVO_<SECTION>__<KEY>` from the environment. The one place that
//! reads the environment.
#![expect(clippy::disallowed_methods, reason = "settings come from the environment, and only here")]

use std::collections::HashMap;
use std::env;
use std::io::ErrorKind;
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
    /// Where books can be collected, in words for shoppers; without it everything is sent.
    #[serde(default)]
    pub collect_at: Option<String>,
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
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            // Without a file, everything comes from the environment.
            Err(error) if error.kind() == ErrorKind::NotFound && !named => String::new(),
            Err(error) => return Err(error).with_context(|| format!("{path} cannot be read")),
        };
        Self::read(&text, env::vars().collect())
    }

    /// Reads the text of a file and an environment.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read(text: &str, environment: HashMap<String, String>) -> anyhow::Result<Self> {
        // Only what names a section and a key: OCTAVO_CONFIG and the like are switches, the bank's are the bank's.
        let settings = environment
            .into_iter()
            .filter(|(name, _)| name.contains("__") && !name.starts_with("OCTAVO_BANK__"))
            .collect();
        let environment =
            Environment::with_prefix("OCTAVO").prefix_separator("_").separator("__").source(Some(settings));
        let config: Self = config::Config::builder()
            .add_source(File::from_str(text, FileFormat::Toml))
            .add_source(environment)
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| explain(&error))?;
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
            purchase::HOLD_MINUTES.contains(&self.payment.hold_minutes),
            "[payment] hold_minutes must be between {} and {}",
            purchase::HOLD_MINUTES.start(),
            purchase::HOLD_MINUTES.end()
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

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../Leptos.toml");

    fn read(changed: &[(&str, &str)]) -> Result<Config, String> {
        let mut environment: HashMap<String, String> = [
            ("OCTAVO_SHOP__TOKEN_SECRET", "0123456789012345678901234567890123456789"),
            ("OCTAVO_DATABASE__URL", "mysql://shop@127.0.0.1/shop"),
            ("OCTAVO_BROKER__URL", "amqp://127.0.0.1"),
            ("OCTAVO_PAYMENT__SECRET_KEY", "sk_test_1"),
            ("OCTAVO_PAYMENT__WEBHOOK_SECRET", "whsec_1"),
            ("OCTAVO_CONFIG", "elsewhere.toml"),
            ("OCTAVO_BANK__LEDGER", "/tmp/ledger"),
            ("PATH", "/bin"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (name, value) in changed {
            environment.insert((*name).to_owned(), (*value).to_owned());
        }
        environment.retain(|_, value| !value.is_empty());
        Config::read(SHIPPED, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn the_file_that_is_shipped_and_the_secrets_from_the_environment_make_a_shop() {
        let config = read(&[("OCTAVO_PAYMENT__HOLD_MINUTES", "60")]).unwrap();
        assert_eq!(config.payment.hold_minutes, 60);
        assert!(!config.is_https());
        // A secret of digits stays as it is.
        assert_eq!(config.shop.token_secret.expose_secret().len(), 40);
    }

    #[test]
    fn a_key_that_is_missing_unknown_or_wrong_is_named() {
        for (name, value, named) in [
            ("OCTAVO_DATABASE__URL", "", "url"),
            ("OCTAVO_SHOP__TOKEN_SECRET", "short", "token_secret"),
            ("OCTAVO_SHOP__COLOUR", "red", "colour"),
            ("OCTAVO_SHOP__ADDRESS", "nowhere", "address"),
            ("OCTAVO_SHOP__PUBLIC_URL", "shop.example", "public_url"),
            ("OCTAVO_PAYMENT__HOLD_MINUTES", "5", "hold_minutes"),
            ("OCTAVO_PAYMENT__HOLD_MINUTES", "soon", "hold_minutes"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.contains(named), "{name}: {error}");
        }
    }

    #[test]
    fn a_secret_never_shows_in_what_is_printed_of_the_settings() {
        let printed = format!("{:?}", read(&[]).unwrap());
        assert!(!printed.contains("sk_test_1") && !printed.contains("whsec_1"));
    }
}
