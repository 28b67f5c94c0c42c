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
        <Title formatter=document_title />
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
                    <Route ssr=all.clone() path=path!("/prove-address/:proof") view=prove_address::Page />
                    <Route ssr=all.clone() path=path!("/sign-in") view=sign_in::Page />
                    <Route ssr=all path=path!("/sign-up") view=sign_up::Page />
                </FlatRoutes>
            </main>
            <Footer />
        </Router>
    }
}

/// What stands in the browser's tab. Leptos writes it into the document as it is, so what ends an element or begins an
/// entity must not stay as typed: a search would put a script on the page.
fn document_title(page: String) -> String {
    if page.is_empty() {
        return "Octavo".to_owned();
    }
    let page = page.replace('&', "&amp;").replace('<', "&lt;");
    format!("{page} · Octavo")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SECURITY 53.
    #[test]
    fn a_title_cannot_end_its_element() {
        let title = document_title("</title><script>alert(1)</script> & more".to_owned());
        assert_eq!(title, "&lt;/title>&lt;script>alert(1)&lt;/script> &amp; more · Octavo");
    }
}
