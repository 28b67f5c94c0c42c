//! The page for addresses that lead nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::part::Private;

/// Nothing is here. Sets the status 404.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::part::set_status(http::StatusCode::NOT_FOUND);
    view! {
        <Title text="Not found" />
        <Private />
        <div class="plain">
            <p class="plain-number" aria-hidden="true">"404"</p>
            <h1>"This page is missing from the book"</h1>
            <p>"There is nothing at this address. It may have been mistyped, or what was here has moved."</p>
            <p>"The search above finds books by half a title, a misspelt author or an ISBN."</p>
            <a class="button" href="/">"To the shop"</a>
        </div>
    }
}
