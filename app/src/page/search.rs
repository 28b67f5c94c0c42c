//! Searching: the results' page, and what is suggested while typing.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use server_fn::codec::GetUrl;

use crate::error::AppError;
use crate::part::{BookGrid, Empty, Pager, Private, loaded};
use crate::view::{SearchResults, Suggestions};

/// A page of results, counted from 1.
///
/// # Errors
/// When a module fails.
#[server(prefix = "/api", endpoint = "search", input = GetUrl)]
pub async fn search_books(
    #[server(default)] q: String,
    #[server(default)] page: u32,
) -> Result<SearchResults, AppError> {
    crate::gateway::Gateway::current().search(&q, page).await
}

/// What may be meant while it is typed.
///
/// # Errors
/// When the index fails.
#[server(prefix = "/api", endpoint = "suggest", input = GetUrl)]
pub async fn suggest(#[server(default)] q: String) -> Result<Suggestions, AppError> {
    crate::gateway::Gateway::current().suggest(&q).await
}

/// What was found.
#[component]
pub fn Page() -> impl IntoView {
    let (asked, page) = use_query_map().with_untracked(|query| {
        (query.get("q").unwrap_or_default(), query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1))
    });
    loaded(search_books(asked, page), |results| {
        if results.query.trim().is_empty() {
            return view! {
                <Title text="Search" />
                <h1 class="visually-hidden">"Search"</h1>
                <Empty
                    title="What would you like to read?"
                    text="Half a title, an author’s name as you remember it, or an ISBN: type any of them into the search box above."
                    href="/"
                    action="See the shelves"
                />
            }
            .into_any();
        }
        view! {
            <Title text=format!("\u{201c}{}\u{201d}", results.query) />
            <Private />
            <Found results=results />
        }
        .into_any()
    })
}

#[component]
fn Found(results: SearchResults) -> impl IntoView {
    let SearchResults { query, total, page, pages, nearest, books } = results;
    let count = match (total, nearest) {
        (0, _) => "Nothing found".to_owned(),
        (_, true) => "Nothing is called exactly that; this comes nearest".to_owned(),
        (1, false) => "1 book".to_owned(),
        (total, false) => format!("{total} books"),
    };
    view! {
        <header class="page-head">
            <p class="overline">"Search"</p>
            <h1 dir="auto">"\u{201c}"{query.clone()}"\u{201d}"</h1>
            <p class="lead">{count}</p>
        </header>
        {if books.is_empty() {
            view! {
                <Empty
                    title="We could not find that"
                    text="Fewer words often find more: one word of the title, or the author's surname alone."
                    href="/"
                    action="See the shelves"
                />
            }
            .into_any()
        } else {
            view! {
                <h2 class="visually-hidden">"Books"</h2>
                <BookGrid books=books />
                <Pager query=query page=page pages=pages />
            }
            .into_any()
        }}
    }
}
