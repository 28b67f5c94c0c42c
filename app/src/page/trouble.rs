//! What a page shows when what it is about could not be read.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::error::AppError;
use crate::part::Private;

/// What went wrong, and the way on.
#[component]
pub fn Trouble(
    /// What.
    error: AppError,
) -> impl IntoView {
    let way = match error {
        AppError::SignInNeeded => view! { <a class="button" href=sign_in()>"Sign in"</a> }.into_any(),
        AppError::Broken => view! {
            <p class="plain-id">"If you write to us, please mention this number: "<code>{request_id()}</code></p>
            <a class="button" href="/">"To the shop"</a>
        }
        .into_any(),
        _ => view! { <a class="button" href="/">"To the shop"</a> }.into_any(),
    };
    view! {
        <Title text=error.title() />
        <Private />
        <div class="plain">
            <h1>{error.title()}</h1>
            {way}
        </div>
    }
}

/// The page to sign in on, which leads back here.
fn sign_in() -> String {
    let here = leptos_router::hooks::use_location().pathname.get_untracked();
    format!("/sign-in?{}", serde_urlencoded::to_string([("next", here)]).unwrap_or_default())
}

fn request_id() -> String {
    #[cfg(feature = "ssr")]
    return crate::gateway::request_id();
    #[cfg(not(feature = "ssr"))]
    String::new()
}
