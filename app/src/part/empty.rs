//! What stands where there is nothing to show yet.

use leptos::prelude::*;

/// A friendly word instead of an empty list, with a way on.
#[component]
pub fn Empty(
    /// What is missing.
    title: &'static str,
    /// What to do about it.
    text: &'static str,
    /// Where that is done.
    href: &'static str,
    /// What the link says.
    action: &'static str,
) -> impl IntoView {
    view! {
        <div class="empty">
            <svg class="empty-mark" viewBox="0 0 96 64" aria-hidden="true" focusable="false">
                <path d="M48 14c-8-7-22-9-38-8v46c16-1 30 1 38 8 8-7 22-9 38-8V6c-16-1-30 1-38 8zM48 14v46" />
            </svg>
            <h2>{title}</h2>
            <p>{text}</p>
            <a class="button" href=href>{action}</a>
        </div>
    }
}
