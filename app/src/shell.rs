//! The document around every page, and the plain pages for what no component answers.

use leptos::hydration::HydrationScripts;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::routes::App;

/// The document around a page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    #[cfg(feature = "ssr")]
    set_policy();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <Head options=options.clone() />
                <HydrationScripts options=options islands=true />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

#[component]
fn Head(options: LeptosOptions) -> impl IntoView {
    view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="preload" href="/font/newsreader.woff2" r#as="font" r#type="font/woff2" crossorigin="" />
        <link rel="preload" href="/font/instrument-sans.woff2" r#as="font" r#type="font/woff2" crossorigin="" />
        <HashedStylesheet options=options />
    }
}

/// The content security policy of a page whose scripts carry `nonce`; without one, no script runs.
#[must_use]
pub fn content_security_policy(nonce: Option<&str>) -> String {
    let scripts = nonce
        .map_or_else(|| "'none'".to_owned(), |nonce| format!("'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'"));
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; font-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

#[cfg(feature = "ssr")]
fn set_policy() {
    let nonce = leptos::nonce::use_nonce().map(|nonce| nonce.to_string());
    crate::gateway::set_header(http::header::CONTENT_SECURITY_POLICY, &content_security_policy(nonce.as_deref()));
}

/// The page for what broke: it says under which id that is written down. No component takes part in it.
#[must_use]
pub fn broken_page(options: &LeptosOptions, request_id: &str) -> String {
    plain_page(
        options,
        "Something went wrong on our side",
        "Nothing that you did caused it, and nothing was charged by it. Please try again in a moment.",
        request_id,
    )
}

/// A page of a heading and a sentence. With an empty `request_id` it tells of none.
#[must_use]
pub fn plain_page(options: &LeptosOptions, title: &str, text: &str, request_id: &str) -> String {
    let id = (!request_id.is_empty()).then(|| {
        let id = request_id.to_owned();
        view! { <p class="plain-id">"If you write to us, please mention this number: "<code>{id}</code></p> }
    });
    let page = view! {
        <html lang="en">
            <head>
                <Head options=options.clone() />
                <meta name="robots" content="noindex" />
                <title>{format!("{title} · Octavo")}</title>
            </head>
            <body>
                <header class="header">
                    <div class="header-inner"><a class="logo" href="/">"Octavo"</a></div>
                </header>
                <main id="main" class="plain">
                    <h1>{title.to_owned()}</h1>
                    <p>{text.to_owned()}</p>
                    {id}
                    <a class="button" href="/">"To the shop"</a>
                </main>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", page.to_html())
}
