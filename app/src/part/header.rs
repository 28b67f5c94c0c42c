//! The head of every page: the shop's name, the search, the account and the basket.

use leptos::prelude::*;

use super::read;
use crate::island::SearchBox;
use crate::view::Visitor;

/// The head of every page.
#[component]
pub fn Header() -> impl IntoView {
    let account = Suspend::new(async {
        let visitor = read(visitor()).await;
        view! { <Account visitor=visitor /> }
    });
    view! {
        <header class="header">
            <div class="header-inner">
                <a class="logo" href="/">
                    <svg class="logo-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
                        <path d="M16 8C13 5.500 8.500 5 3 5.200V25c5.500-.2 10 .3 13 2.800 3-2.500 7.500-3 13-2.800V5.200C23.500 5 19 5.500 16 8zM16 8v19.500" />
                    </svg>
                    "Octavo"
                </a>
                <search class="header-search">
                    <SearchBox query=asked() />
                </search>
                <nav class="header-links" aria-label="Account and basket">
                    <Suspense>{account}</Suspense>
                </nav>
            </div>
        </header>
    }
}

#[component]
fn Account(visitor: Visitor) -> impl IntoView {
    let account = match visitor.name {
        Some(name) => view! {
            <a href="/orders" title="Your orders">
                <span class="header-name">{name}</span>
                <span class="header-name-short">"Orders"</span>
            </a>
            <form method="post" action="/api/sign_out">
                <button class="link" type="submit">"Sign out"</button>
            </form>
        }
        .into_any(),
        None => view! { <a href="/sign-in">"Sign in"</a> }.into_any(),
    };
    let count = visitor.basket_count;
    view! {
        {account}
        <a class="header-basket" href="/basket">
            "Basket"
            {(count > 0).then(|| view! {
                <span class="header-count">
                    <span class="visually-hidden">", copies in it: "</span>
                    {count}
                </span>
            })}
        </a>
    }
}

/// What the address asks for, on the page of results.
fn asked() -> String {
    leptos_router::hooks::use_query_map().with_untracked(|query| query.get("q").unwrap_or_default())
}

async fn visitor() -> Visitor {
    #[cfg(feature = "ssr")]
    return crate::gateway::Gateway::current().visitor().await;
    #[cfg(not(feature = "ssr"))]
    Visitor::default()
}
