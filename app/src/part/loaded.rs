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
        match read(load).await {
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

/// Runs `load` as a task of its own. The renderer polls one part of a page at a time: parts that wait for each other, as
/// for the lock of the session, would wait for ever.
pub async fn read<T: Send + 'static>(load: impl Future<Output = T> + Send + 'static) -> T {
    #[cfg(feature = "ssr")]
    {
        use tracing::Instrument;
        let load = leptos::reactive::computed::ScopedFuture::new(load).in_current_span();
        match tokio::spawn(load).await {
            Ok(data) => data,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Only a runtime that shuts down cancels it; nobody is left to be answered then.
                Err(cancelled) => std::panic::resume_unwind(Box::new(cancelled.to_string())),
            },
        }
    }
    #[cfg(not(feature = "ssr"))]
    load.await
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
