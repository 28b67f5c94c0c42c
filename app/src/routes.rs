//! Every address and its page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use crate::page::*;
use crate::part::{Footer, Header};

/// What stands between `<body>` and `</body>`. Every page is rendered whole before it is sent, so that its status, its
/// title and what it shows without scripts are right.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let all = SsrMode::Async;
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Octavo".to_owned() } else { format!("{title} · Octavo") } />
        <a class="skip" href="#main">"Skip to the page"</a>
        <Router>
            <Header />
            <main id="main" tabindex="-1">
                <FlatRoutes fallback=not_found::NotFound>
                    <Route ssr=all.clone() path=path!("/") view=home::Page />
                    <Route ssr=all.clone() path=path!("/search") view=search::Page />
                    <Route ssr=all.clone() path=path!("/book/:slug") view=book::Page />
                    <Route ssr=all.clone() path=path!("/author/:slug") view=author::Page />
                    <Route ssr=all.clone() path=path!("/subject/:slug") view=subject::Page />
                    <Route ssr=all.clone() path=path!("/basket") view=basket::Page />
                    <Route ssr=all.clone() path=path!("/checkout") view=checkout::Page />
                    <Route ssr=all.clone() path=path!("/order/:link") view=order::Page />
                    <Route ssr=all.clone() path=path!("/order/:link/pay") view=pay::Page />
                    <Route ssr=all.clone() path=path!("/orders") view=orders::Page />
                    <Route ssr=all.clone() path=path!("/sign-in") view=sign_in::Page />
                    <Route ssr=all path=path!("/sign-up") view=sign_up::Page />
                </FlatRoutes>
            </main>
            <Footer />
        </Router>
    }
}
