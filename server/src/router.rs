//! What the shop answers, and what every request passes on the way. Pages and server functions are listed by `app`.

use std::path::Path;

use app::gateway::Gateway;
use app::routes::App;
use app::shell::shell;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use database::Database;
use identity::SessionStore;
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::config::Config;
use crate::health::{self, Health};
use crate::layer::{address, api, headers, load, panic, request_log, same_origin, session};
use crate::webhook;

/// For files whose names change with their content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For files that keep their names.
const A_WEEK: &str = "public, max-age=604800";

pub(crate) fn router(
    config: &Config,
    leptos: LeptosOptions,
    gateway: Gateway,
    sessions: SessionStore,
    database: Database,
    stop: CancellationToken,
) -> anyhow::Result<Router> {
    let https = config.is_https();
    let context = {
        let gateway = gateway.clone();
        move || provide_context(gateway.clone())
    };
    let page = {
        let leptos = leptos.clone();
        move || shell(leptos.clone())
    };
    // What every answer passes, outermost first …
    let every = ServiceBuilder::new()
        .layer(Extension(leptos.clone()))
        .layer(from_fn(request_log::log))
        .layer(from_fn_with_state(https, headers::add))
        .layer(from_fn(panic::catch))
        .layer(from_fn_with_state(load::places(), load::shed));
    // … and what pages and server functions pass besides.
    let ours = ServiceBuilder::new()
        .layer(from_fn(address::check))
        .layer(from_fn_with_state(session::cookie_name(https), same_origin::words))
        .layer(same_origin::layer(&config.shop.public_url)?)
        .layer(CompressionLayer::new())
        .layer(session::layer(sessions, https))
        .layer(from_fn(api::answer));
    let purchase = gateway.purchase.clone();
    let site: &str = &leptos.site_root;
    Ok(Router::new()
        .leptos_routes_with_context(&leptos, generate_route_list(App), context.clone(), page.clone())
        // Not Leptos's own handler of files and errors: it gives a file the headers of whichever page is rendered on
        // that thread, and takes them from it.
        .fallback(render_app_async_with_context(context, page))
        .with_state(leptos.clone())
        .layer(ours)
        .nest_service(&format!("/{}", leptos.site_pkg_dir), files(site, &leptos.site_pkg_dir, FOR_EVER))
        .nest_service("/font", files(site, "font", A_WEEK))
        .route_service("/favicon.svg", ServeFile::new(Path::new(site).join("favicon.svg")))
        .merge(signed(purchase))
        .layer(every)
        .merge(healths(Health { database, stop }).layer(from_fn_with_state(https, headers::add))))
}

/// A folder of the site, kept by caches as `caching` says. What is not there may come with the next version, and is kept
/// nowhere.
fn files(site_root: &str, folder: &str, caching: &'static str) -> Router {
    let files = ServeDir::new(Path::new(site_root).join(folder)).precompressed_br().precompressed_gzip();
    let caching = SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, move |response: &Response| {
        let found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
        Some(HeaderValue::from_static(if found { caching } else { "no-store" }))
    });
    Router::new().fallback_service(files).layer(caching)
}

/// The bank's door: signed, so it needs no session and no page of ours to come from.
fn signed(purchase: purchase::Purchase) -> Router {
    Router::new()
        .route("/webhooks/stripe", post(webhook::take))
        .layer(DefaultBodyLimit::max(webhook::LARGEST))
        .with_state(purchase)
}

/// Asked every few seconds by machines: not logged, and never turned away.
fn healths(health: Health) -> Router {
    Router::new()
        .route("/livez", get(health::alive))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(health)
}
