//! How this notifier runs: section `[notifier]` of `Leptos.toml`, overlaid by `OCTAVO_NOTIFIER__<KEY>` from the
//! environment. The one place that reads the environment.
#![expect(clippy::disallowed_methods, reason = "settings come from the environment, and only here")]

use std::collections::HashMap;
use std::env;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use config::{Config, ConfigError, Environment, File, FileFormat};
use lapin::uri::AMQPUri;
use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::smtp::Server;

const PREFIX: &str = "OCTAVO_NOTIFIER";

/// A Message-ID, which ends in it, must fit its column.
const LONGEST_DOMAIN: usize = 200;

/// The settings, checked.
pub struct Settings {
    /// `mysql://user:password@host:port/database`, a user without DDL rights.
    pub database_url: SecretString,
    /// `amqp://user:password@host:port/vhost`
    pub broker_url: SecretString,
    /// Put before all names at the broker, so that several shops can share one.
    pub broker_prefix: String,
    /// Where the HTTP interface listens.
    pub address: SocketAddr,
    /// The mail server: `smtps://user:password@host`, `smtp://…?tls=required`, or plain `smtp://host:port`.
    pub smtp_url: Server,
    /// Who writes: `Octavo <orders@octavo.example>`. The name is the shop's, the domain is that of Message-IDs.
    pub from: Mailbox,
    /// What staff's requests must carry as a bearer token; none: they are all refused.
    pub credential: Option<SecretString>,
    /// Database connections that this process may hold.
    pub max_connections: u32,
}

/// The settings as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    database_url: SecretString,
    #[serde(rename = "migrate_url")]
    _migrate_url: Option<SecretString>,
    broker_url: SecretString,
    #[serde(default)]
    broker_prefix: String,
    address: String,
    smtp_url: SecretString,
    #[serde(default = "five_minutes")]
    smtp_timeout: u64,
    from: String,
    credential: Option<SecretString>,
    #[serde(default = "ten")]
    max_connections: u32,
}

/// What RFC 5321 asks of a client for most answers.
fn five_minutes() -> u64 {
    300
}

fn ten() -> u32 {
    10
}

impl Settings {
    /// Reads file and environment.
    ///
    /// # Errors
    /// Names the key that is unknown, missing or wrong, and says what to do.
    pub fn load() -> anyhow::Result<Self> {
        Self::read(section()?)
    }

    /// Checks a section that was read elsewhere.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read(section: Config) -> anyhow::Result<Self> {
        let raw: Raw = section.try_deserialize().map_err(|error| explain(&error))?;
        ensure!(raw.max_connections > 0, "`max_connections` must be at least 1");
        let from: Mailbox = raw.from.parse().context("`from` must look like Octavo <orders@octavo.example>")?;
        let domain = from.email.domain();
        ensure!(
            domain.is_ascii() && domain.len() <= LONGEST_DOMAIN,
            "the domain in `from` must be ASCII (an international one as xn--...) and have at most {LONGEST_DOMAIN} characters"
        );
        let broker: Result<AMQPUri, _> = raw.broker_url.expose_secret().parse();
        // Its own words may quote the password.
        ensure!(broker.is_ok(), "`broker_url` must look like amqp://user:password@host:port/%2f");
        let patience = Duration::from_secs(raw.smtp_timeout);
        Ok(Self {
            address: raw.address.parse().context("`address` must look like 127.0.0.1:3100")?,
            smtp_url: Server::parse(raw.smtp_url.expose_secret(), patience)
                .context("`smtp_url` must look like smtps://user:password@host or smtp://host:port")?,
            from,
            credential: raw.credential.filter(|credential| !credential.expose_secret().is_empty()),
            database_url: raw.database_url,
            broker_url: raw.broker_url,
            broker_prefix: raw.broker_prefix,
            max_connections: raw.max_connections,
        })
    }
}

/// The address of the database for a user who may change its schema.
///
/// # Errors
/// When `migrate_url` is missing.
pub fn migrate_url() -> anyhow::Result<SecretString> {
    section()?.get::<SecretString>("migrate_url").map_err(|error| explain(&error))
}

/// Whether the log is to be JSON (`OCTAVO_LOG_FORMAT=json`).
#[must_use]
pub fn logs_json() -> bool {
    env::var("OCTAVO_LOG_FORMAT").is_ok_and(|format| format == "json")
}

fn section() -> anyhow::Result<Config> {
    let named = env::var("OCTAVO_CONFIG").ok();
    let path = named.as_deref().unwrap_or("Leptos.toml");
    let file = File::new(path, FileFormat::Toml).required(named.is_some());
    let file = Config::builder().add_source(file).build().with_context(|| format!("{path} cannot be read"))?;
    overlay(&file, env::vars().collect())
}

fn overlay(file: &Config, environment: HashMap<String, String>) -> anyhow::Result<Config> {
    let mut section = Config::builder();
    match file.get_table("notifier") {
        Ok(table) => {
            for (key, value) in table {
                section = section.set_default(key, value)?;
            }
        }
        Err(ConfigError::NotFound(_)) => {}
        Err(error) => return Err(explain(&error)),
    }
    let environment = Environment::with_prefix(PREFIX).prefix_separator("__").source(Some(environment));
    Ok(section.add_source(environment).build()?)
}

fn explain(error: &ConfigError) -> anyhow::Error {
    anyhow!("{error}: set it under [notifier] in Leptos.toml, or as {PREFIX}__<KEY> in the environment")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"
        [notifier]
        database_url = "mysql://n:n@localhost/notifier"
        broker_url = "amqp://n:n@localhost/%2f"
        address = "127.0.0.1:3100"
        smtp_url = "smtp://localhost:2525"
        from = "Octavo <orders@octavo.example>"
    "#;

    fn read(toml: &str, environment: &[(&str, &str)]) -> Result<Settings, String> {
        let file = Config::builder().add_source(File::from_str(toml, FileFormat::Toml)).build().unwrap();
        let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        overlay(&file, environment).and_then(Settings::read).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let settings = read(
            WHOLE,
            &[("OCTAVO_NOTIFIER__MAX_CONNECTIONS", "3"), ("OCTAVO_NOTIFIER__ADDRESS", "127.0.0.1:9"), ("HOME", "/")],
        )
        .ok()
        .unwrap();
        assert_eq!(settings.max_connections, 3);
        assert_eq!(settings.address.port(), 9);
        assert!(settings.credential.is_none());
    }

    #[test]
    fn the_environment_alone_is_enough() {
        let settings = read(
            "",
            &[
                ("OCTAVO_NOTIFIER__DATABASE_URL", "mysql://n:n@localhost/notifier"),
                ("OCTAVO_NOTIFIER__BROKER_URL", "amqp://n:n@localhost/%2f"),
                ("OCTAVO_NOTIFIER__ADDRESS", "127.0.0.1:3100"),
                ("OCTAVO_NOTIFIER__SMTP_URL", "smtp://localhost:2525"),
                ("OCTAVO_NOTIFIER__FROM", "orders@octavo.example"),
                ("OCTAVO_NOTIFIER__CREDENTIAL", "0123456789"),
            ],
        );
        assert_eq!(settings.ok().unwrap().credential.unwrap().expose_secret(), "0123456789");
    }

    #[test]
    fn what_is_wrong_is_named_with_what_to_do() {
        let missing = read(&WHOLE.replace("from =", "# from ="), &[]).err().unwrap();
        assert!(missing.contains("from") && missing.contains("[notifier]"), "{missing}");
        let unknown = read(WHOLE, &[("OCTAVO_NOTIFIER__FORM", "x")]).err().unwrap();
        assert!(unknown.contains("form") && unknown.contains("OCTAVO_NOTIFIER__"), "{unknown}");
        for (key, value) in [
            ("ADDRESS", "3100"),
            ("SMTP_URL", "http://secret@localhost"),
            ("FROM", "nobody"),
            ("BROKER_URL", "http://secret"),
            ("FROM", "orders@bücher.example"),
            ("MAX_CONNECTIONS", "many"),
            ("MAX_CONNECTIONS", "0"),
        ] {
            let wrong = read(WHOLE, &[(&format!("OCTAVO_NOTIFIER__{key}"), value)]).err().unwrap();
            assert!(wrong.contains(&key.to_lowercase()), "{key}: {wrong}");
            assert!(!wrong.contains("secret"), "{wrong}");
        }
    }
}
