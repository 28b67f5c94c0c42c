//! An author's page.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use server_fn::codec::GetUrl;

use crate::error::AppError;
use crate::part::{BookGrid, loaded};
use crate::view::AuthorPage;

/// The author at `/author/{slug}`.
///
/// # Errors
/// [`AppError::NotFound`], or when a module fails.
#[server(prefix = "/api", endpoint = "author", input = GetUrl)]
pub async fn author(slug: String) -> Result<AuthorPage, AppError> {
    crate::gateway::Gateway::current().author(&slug).await
}

/// An author and their books.
#[component]
pub fn Page() -> impl IntoView {
    let slug = use_params_map().with_untracked(|params| params.get("slug").unwrap_or_default());
    loaded(author(slug), |author| {
        let about = (!author.about.is_empty()).then(|| view! { <p class="lead" dir="auto">{author.about}</p> });
        view! {
            <Title text=author.name.clone() />
            <header class="page-head">
                <p class="overline">"Author"</p>
                <h1 dir="auto">{author.name}</h1>
                {about}
            </header>
            <h2 class="visually-hidden">"Books"</h2>
            <BookGrid books=author.books />
        }
    })
}
