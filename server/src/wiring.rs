//! From settings to modules.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use app::gateway::Gateway;
use database::Database;
use identity::{Cost, Identity};
use purchase::payment::Stripe;
use purchase::{Purchase, Settings, TillSettings};
use search::{Catalogue, Index};
use secrecy::ExposeSecret;
use tokio::sync::Notify;

use crate::config::Config;

const SHOP_NAME: &str = "Octavo";

pub(crate) async fn database(config: &Config) -> anyhow::Result<Database> {
    let settings = database::Settings {
        url: config.database.url.expose_secret().to_owned(),
        max_connections: config.database.max_connections,
    };
    Database::connect(&settings).await.context("[database] url: the database does not answer")
}

fn bank(config: &Config) -> anyhow::Result<Stripe> {
    // A second call finds the provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Stripe::new(config.payment.base_url.clone(), config.payment.secret_key.clone())
        .context("a client for [payment] base_url cannot be made")
}

/// The purchase on this database; `relay` is told when there is a message to be relayed.
pub(crate) fn purchase(config: &Config, database: Database, relay: Arc<Notify>) -> anyhow::Result<Purchase> {
    Ok(Purchase::new(database, Arc::new(bank(config)?), purchase_settings(config), relay))
}

/// How long the shop waits for the search index before it opens.
const INDEX_FIRST: Duration = Duration::from_secs(5);

fn purchase_settings(config: &Config) -> Settings {
    Settings {
        public_url: config.shop.public_url.clone(),
        token_secret: config.shop.token_secret.clone(),
        collect_at: config.shop.collect_at.clone().filter(|at| !at.trim().is_empty()),
        webhook_secret: config.payment.webhook_secret.clone(),
        hold: Duration::from_mins(config.payment.hold_minutes),
        till: TillSettings::default(),
    }
}

fn identity_settings(config: &Config) -> identity::Settings {
    identity::Settings {
        shop_name: SHOP_NAME.to_owned(),
        cost: Cost::STANDARD,
        proof_url: format!("{}/prove-address/", config.shop.public_url),
    }
}

pub(crate) async fn gateway(config: &Config, database: &Database, relay: Arc<Notify>) -> anyhow::Result<Gateway> {
    let index = Index::open(database.clone(), config.search.index_dir.clone())
        .await
        .context("[search] index_dir: the index cannot be opened")?;
    // A small catalogue is there before the first visitor; a large one comes in while the shop is open.
    if let Ok(read) = tokio::time::timeout(INDEX_FIRST, index.catch_up()).await {
        read.context("the search index cannot be built")?;
    }
    Ok(Gateway {
        identity: Identity::new(database.clone(), identity_settings(config), Arc::clone(&relay))
            .context("passwords cannot be hashed")?,
        catalogue: Catalogue::new(database.clone()),
        index,
        purchase: purchase(config, database.clone(), relay)?,
    })
}
