//! `octavo-server`: the shop's process, and the commands that prepare it.

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use server::config::{self, Config};
use server::{MIGRATIONS, catalogue, reconcile, refund, run, signals};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

const USAGE: &str = "octavo-server                          opens the shop
octavo-server migrate                  brings its database to this version's schema
octavo-server catalogue import FILE    puts a catalogue of books into it, or updates it
octavo-server reconcile [--since DAY]  holds its books against each other and against the bank's
octavo-server refund ORDER [AMOUNT]    gives an order's money back: all that is left, or a part such as 12.50;
                     [--id ID]         repeats one that was cut off, and gives nothing back again";

// Two threads at least: on one, a render that streams can wait for itself.
fn main() -> anyhow::Result<()> {
    let threads = std::thread::available_parallelism().map_or(2, |threads| threads.get().max(2));
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .context("the runtime cannot be started")?
        .block_on(async_main())
}

async fn async_main() -> anyhow::Result<()> {
    log();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => serve(Config::load()?).await,
        ["migrate"] => migrate(&Config::load()?).await,
        ["catalogue", "import", file] => catalogue::import(&Config::load()?, file).await,
        ["reconcile"] => reconcile::run(&Config::load()?, None).await,
        ["reconcile", "--since", day] => reconcile::run(&Config::load()?, Some(day)).await,
        ["refund", order] => refund::run(&Config::load()?, order, None, None).await,
        ["refund", order, "--id", id] => refund::run(&Config::load()?, order, None, Some(id)).await,
        ["refund", order, amount] => refund::run(&Config::load()?, order, Some(amount), None).await,
        ["refund", order, amount, "--id", id] => refund::run(&Config::load()?, order, Some(amount), Some(id)).await,
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("usage:\n{USAGE}"),
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
