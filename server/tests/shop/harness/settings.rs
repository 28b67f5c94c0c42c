//! What a test's shop is started with: as a value for a server in this process, as an environment for another.

use std::net::SocketAddr;

use serde_json::json;
use server::config::Config;

pub const TOKEN_SECRET: &str = "canary-token-secret-that-nobody-may-see";
pub const BANK_KEY: &str = "sk_test_canary_key";
pub const WEBHOOK_SECRET: &str = "whsec_canary_secret";

#[derive(Clone)]
pub struct Settings {
    pub public_url: String,
    pub address: SocketAddr,
    pub database_url: String,
    pub broker_url: String,
    pub broker_prefix: String,
    pub bank_url: String,
    pub collect_at: Option<String>,
}

impl Settings {
    pub fn new(address: SocketAddr, database_url: &str, bank_url: &str) -> Self {
        Self {
            public_url: format!("http://{address}"),
            address,
            database_url: database_url.to_owned(),
            broker_url: outbox::testing::broker_url(),
            broker_prefix: outbox::testing::prefix(),
            bank_url: bank_url.to_owned(),
            collect_at: None,
        }
    }

    pub fn config(&self) -> Config {
        let sections = json!({
            "shop": { "public_url": self.public_url, "address": self.address, "token_secret": TOKEN_SECRET,
                      "collect_at": self.collect_at },
            "database": { "url": self.database_url, "max_connections": 12 },
            "broker": { "url": self.broker_url, "prefix": self.broker_prefix },
            "payment": { "base_url": self.bank_url, "secret_key": BANK_KEY, "webhook_secret": WEBHOOK_SECRET },
        });
        serde_json::from_value(sections).unwrap()
    }

    /// What goes before the shop's own Leptos.toml.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("OCTAVO_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/../Leptos.toml").to_owned()),
            ("OCTAVO_SHOP__PUBLIC_URL", self.public_url.clone()),
            ("OCTAVO_SHOP__ADDRESS", self.address.to_string()),
            ("OCTAVO_SHOP__TOKEN_SECRET", TOKEN_SECRET.to_owned()),
            ("OCTAVO_DATABASE__URL", self.database_url.clone()),
            ("OCTAVO_DATABASE__MAX_CONNECTIONS", "12".to_owned()),
            ("OCTAVO_BROKER__URL", self.broker_url.clone()),
            ("OCTAVO_BROKER__PREFIX", self.broker_prefix.clone()),
            ("OCTAVO_PAYMENT__BASE_URL", self.bank_url.clone()),
            ("OCTAVO_PAYMENT__SECRET_KEY", BANK_KEY.to_owned()),
            ("OCTAVO_PAYMENT__WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
            ("LEPTOS_HASH_FILES", "false".to_owned()),
        ]
    }
}
