//! The books of a subject.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use server_fn::codec::GetUrl;

use crate::error::AppError;
use crate::part::{BookGrid, loaded};
use crate::view::Shelf;

/// The subject at `/subject/{slug}`.
///
/// # Errors
/// [`AppError::NotFound`], or when a module fails.
#[server(prefix = "/api", endpoint = "subject", input = GetUrl)]
pub async fn subject(slug: String) -> Result<Shelf, AppError> {
    crate::gateway::Gateway::current().subject(&slug).await
}

/// The books of a subject.
#[component]
pub fn Page() -> impl IntoView {
    let slug = use_params_map().with_untracked(|params| params.get("slug").unwrap_or_default());
    loaded(subject(slug), |shelf| {
        view! {
            <Title text=shelf.title.clone() />
            <header class="page-head">
                <p class="overline">"Subject"</p>
                <h1>{shelf.title}</h1>
            </header>
            <h2 class="visually-hidden">"Books"</h2>
            <BookGrid books=shelf.books />
        }
    })
}
