//! The bank's settings, and where they come from.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, bail};

const PREFIX: &str = "OCTAVO_BANK__";

/// What a bank is started with.
#[derive(Clone)]
pub struct Config {
    /// The key that API callers show (`sk_test_…`).
    pub secret_key: String,
    /// The secret that webhooks are signed with (`whsec_…`).
    pub webhook_secret: String,
    /// Where events are posted to; without it they are only listed.
    pub webhook_url: Option<String>,
    /// Where shoppers' browsers reach the bank, without a slash at the end.
    pub public_url: String,
    /// The file that holds the books; made if it is not there.
    pub ledger: PathBuf,
    /// How long the slow card takes.
    pub slow: Duration,
}

impl Config {
    /// Five seconds for the slow card, and no webhooks.
    pub fn new(secret_key: &str, webhook_secret: &str, public_url: &str, ledger: PathBuf) -> Self {
        Self {
            secret_key: secret_key.to_owned(),
            webhook_secret: webhook_secret.to_owned(),
            webhook_url: None,
            public_url: public_url.trim_end_matches('/').to_owned(),
            ledger,
            slow: Duration::from_secs(5),
        }
    }

    /// The address to listen on, and the settings. An error names each variable that is wrong and what to do.
    #[expect(clippy::disallowed_methods, reason = "this is the bank's config.rs")]
    pub fn from_env() -> anyhow::Result<(String, Self)> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> anyhow::Result<(String, Self)> {
        let mut wrong = Vec::new();
        let mut needed = |name: &str, advice: &str| {
            let value = lookup(&format!("{PREFIX}{name}")).filter(|value| !value.trim().is_empty());
            value.unwrap_or_else(|| {
                wrong.push(format!("{PREFIX}{name} is not set: {advice}"));
                String::new()
            })
        };
        let address = needed("ADDRESS", "give the address to listen on, such as 127.0.0.1:12111");
        let public_url = needed("PUBLIC_URL", "give the address that browsers open, such as http://127.0.0.1:12111");
        let secret_key =
            needed("SECRET_KEY", "choose the API key that the shop shows, such as sk_test_ and random letters");
        let webhook_secret = needed("WEBHOOK_SECRET", "choose the secret that signs webhooks, the same as the shop's");
        let ledger = needed("LEDGER", "give the path of the file that keeps the books");
        if !wrong.is_empty() {
            bail!("{}", wrong.join("\n"));
        }
        let mut config = Self::new(&secret_key, &webhook_secret, &public_url, ledger.into());
        web_address("PUBLIC_URL", &public_url)?;
        config.webhook_url = lookup("OCTAVO_BANK__WEBHOOK_URL").filter(|url| !url.trim().is_empty());
        if let Some(url) = &config.webhook_url {
            web_address("WEBHOOK_URL", url)?;
        }
        if let Some(seconds) = lookup("OCTAVO_BANK__SLOW_SECONDS") {
            let seconds = seconds
                .parse()
                .context("OCTAVO_BANK__SLOW_SECONDS is not a whole number: give the seconds the slow card takes")?;
            config.slow = Duration::from_secs(seconds);
        }
        Ok((address, config))
    }
}

fn web_address(name: &str, value: &str) -> anyhow::Result<()> {
    match reqwest::Url::parse(value) {
        Ok(url) if ["http", "https"].contains(&url.scheme()) => Ok(()),
        _ => bail!("{PREFIX}{name} is no web address: give one that begins with http:// or https://"),
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn every_missing_variable_is_named() {
        let error = Config::from_lookup(|_| None).err().unwrap().to_string();
        for name in ["ADDRESS", "PUBLIC_URL", "SECRET_KEY", "WEBHOOK_SECRET", "LEDGER"] {
            assert!(error.contains(&format!("OCTAVO_BANK__{name} is not set")), "{error}");
        }
    }

    #[test]
    fn wrong_values_are_refused_and_right_ones_read() {
        let with = |slow: &'static str, url: &'static str| {
            Config::from_lookup(move |name| {
                Some(match name {
                    "OCTAVO_BANK__SLOW_SECONDS" => slow.to_owned(),
                    "OCTAVO_BANK__PUBLIC_URL" => url.to_owned(),
                    _ => "http://bank.test".to_owned(),
                })
            })
        };
        assert!(with("soon", "http://bank.test").is_err());
        assert!(with("5", "bank.test").is_err());
        let (_, config) = with("7", "http://bank.test/").unwrap();
        assert_eq!(config.slow.as_secs(), 7);
        assert_eq!(config.public_url, "http://bank.test");
    }
}
