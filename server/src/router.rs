//! What the shop answers, and what every request passes on the way. Pages and server functions are listed by `app`.

use app::gateway::Gateway;
use app::routes::App;
use app::shell::shell;
use axum::{Extension, Router};
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use database::Database;
use identity::SessionStore;
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes, file_and_error_handler_with_context, generate_route_list};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::config::Config;
use crate::health::{self, Health};
use crate::layer::{address, api, headers, load, panic, request_log, same_origin, session};
use crate::webhook;

pub(crate) fn router(
    config: &Config,
    leptos: LeptosOptions,
    gateway: Gateway,
    sessions: SessionStore,
    database: Database,
    stop: CancellationToken,
) -> anyhow::Result<Router> {
    let https = config.is_https();
    let cookie = session::cookie_name(https);
    let context = {
        let gateway = gateway.clone();
        move || provide_context(gateway.clone())
    };
    let page = {
        let leptos = leptos.clone();
        move || shell(leptos.clone())
    };
    // Outermost first.
    let layers = ServiceBuilder::new()
        .layer(Extension(leptos.clone()))
        .layer(from_fn(request_log::log))
        .layer(from_fn_with_state(https, headers::add))
        .layer(from_fn(panic::catch))
        .layer(from_fn_with_state(load::places(), load::shed))
        .layer(from_fn(address::check))
        .layer(from_fn_with_state(cookie, same_origin::words))
        .layer(same_origin::layer(&config.shop.public_url)?)
        .layer(CompressionLayer::new())
        .layer(session::layer(sessions, https))
        .layer(from_fn(api::answer));
    let purchase = gateway.purchase.clone();
    Ok(Router::new()
        .leptos_routes_with_context(&leptos, generate_route_list(App), context.clone(), page)
        .fallback(file_and_error_handler_with_context(context, shell))
        .with_state(leptos.clone())
        .layer(layers)
        .nest_service("/pkg", pkg(&leptos))
        .merge(signed(purchase))
        .merge(healths(Health { database, stop })))
}

/// What cargo-leptos has built: the names change with the content, so browsers may keep it for ever.
fn pkg(leptos: &LeptosOptions) -> Router {
    let folder = format!("{}/{}", leptos.site_root, leptos.site_pkg_dir);
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    let files = ServeDir::new(folder).precompressed_br().precompressed_gzip();
    Router::new()
        .fallback_service(files)
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, forever))
        .layer(from_fn_with_state(false, headers::add))
}

fn signed(purchase: purchase::Purchase) -> Router {
    Router::new()
        .route("/webhooks/stripe", post(webhook::take))
        .layer(DefaultBodyLimit::max(webhook::LARGEST))
        .layer(from_fn(request_log::log))
        .with_state(purchase)
}

fn healths(health: Health) -> Router {
    Router::new()
        .route("/livez", get(health::alive))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(health)
}
