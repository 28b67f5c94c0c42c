//! What a page shows while, and after, its main data is read: the page, or what went wrong with the status that belongs
//! to it.

use leptos::prelude::*;
use leptos_meta::Meta;

use crate::error::AppError;
use crate::page::{not_found::NotFound, trouble::Trouble};

/// Shows what `load` brings. To be used once per page, for what the page is about: its failure is the page's status.
pub fn loaded<T, V>(
    load: impl Future<Output = Result<T, AppError>> + Send + 'static,
    show: impl FnOnce(T) -> V + Send + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    V: IntoView + 'static,
{
    let body = Suspend::new(async move {
        match load.await {
            Ok(data) => show(data).into_any(),
            Err(AppError::NotFound) => view! { <NotFound /> }.into_any(),
            Err(error) => {
                #[cfg(feature = "ssr")]
                set_status(error.status());
                view! { <Trouble error=error /> }.into_any()
            }
        }
    });
    view! { <Suspense>{body}</Suspense> }
}

/// Sets the status of the page that is being answered.
#[cfg(feature = "ssr")]
pub(crate) fn set_status(status: http::StatusCode) {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(status);
    }
}

/// Keeps a page that is somebody's own out of search engines.
#[component]
pub fn Private() -> impl IntoView {
    view! { <Meta name="robots" content="noindex" /> }
}
