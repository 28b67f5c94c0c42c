//! `octavo-server`: the shop's process, and the commands that prepare it.

use anyhow::Context;
use clap::{Parser, Subcommand};
use secrecy::ExposeSecret;
use server::config::{self, Config};
use server::{MIGRATIONS, import, promotion, reconcile, refund, run, signals};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Octavo's shop. Without a command it opens.
#[derive(Parser)]
#[command(name = "octavo-server", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Brings the shop's database to this version's schema
    Migrate,
    /// The books of the shop
    Catalogue {
        #[command(subcommand)]
        command: CatalogueCommand,
    },
    /// Holds the shop's books against each other and against the bank's
    Reconcile {
        /// Since when payments are compared, such as 2026-11-01; the last 30 days without it
        #[arg(long, value_name = "DAY")]
        since: Option<String>,
    },
    /// Gives an order's money back, all that is left of it or a part
    Refund(refund::Refund),
    /// Makes a discount code
    DiscountCode(promotion::DiscountCode),
    /// Issues a gift card and prints its code, which nobody can tell again
    GiftCard {
        /// What is on it, such as 25.00EUR
        amount: String,
    },
}

#[derive(Subcommand)]
enum CatalogueCommand {
    /// Puts books into the shop, or updates them: the shop's own catalogue, or a file of the trade
    Import(import::Import),
}

// Two threads at least: on one, a render that streams can wait for itself.
fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let threads = std::thread::available_parallelism().map_or(2, |threads| threads.get().max(2));
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .context("the runtime cannot be started")?
        .block_on(async_main(arguments))
}

async fn async_main(arguments: Arguments) -> anyhow::Result<()> {
    log();
    let Some(command) = arguments.command else { return serve(Config::load()?).await };
    let config = &Config::load()?;
    match command {
        Command::Migrate => migrate(config).await,
        Command::Catalogue { command: CatalogueCommand::Import(wanted) } => import::run(config, &wanted).await,
        Command::Reconcile { since } => reconcile::run(config, since.as_deref()).await,
        Command::Refund(wanted) => refund::run(config, &wanted).await,
        Command::DiscountCode(code) => promotion::discount_code(config, &code).await,
        Command::GiftCard { amount } => promotion::gift_card(config, &amount).await,
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let address = config.shop.address;
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("[shop] address: nothing can listen on {address}"))?;
    run(config, config::leptos_options()?, listener, signals::stop()?).await
}

async fn migrate(config: &Config) -> anyhow::Result<()> {
    let url = config.database.migrate_url.as_ref().context(
        "[database] migrate_url is missing: set OCTAVO_DATABASE__MIGRATE_URL to an account that may change the schema",
    )?;
    database::schema::migrate(url.expose_secret(), &MIGRATIONS)
        .await
        .context("the shop's database could not be migrated")?;
    tracing::info!("the shop's database has this version's schema");
    Ok(())
}

fn log() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new(format!("info,tantivy=warn,{}", outbox::LOG_DIRECTIVE)));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    if config::logs_json() {
        builder.json().init();
    } else {
        builder.init();
    }
}
