//! Reloads an order's page once the order has come further, so that a page that nothing happens on stays as it is.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::page::order::order_progress;
use crate::view::Progress;

/// Most payments are confirmed before that.
const FIRST: Duration = Duration::from_millis(700);
const EVERY: Duration = Duration::from_secs(3);

/// Watches an order and reloads the page when it has come further than the page shows.
#[island]
pub fn OrderWatch(
    /// The order's link.
    link: String,
    /// What the page shows.
    shown: Progress,
) -> impl IntoView {
    // Effects run in the browser only.
    Effect::new(move || {
        let link = link.clone();
        let look = move || {
            if document().hidden() {
                return;
            }
            let progress = order_progress(link.clone());
            spawn_local(async move {
                if progress.await.is_ok_and(|progress| progress != shown)
                    && let Err(error) = window().location().reload()
                {
                    leptos::logging::error!("the page did not reload: {error:?}");
                }
            });
        };
        set_timeout(look.clone(), FIRST);
        if let Err(error) = set_interval_with_handle(look, EVERY) {
            leptos::logging::error!("no timer: {error:?}");
        }
    });
}
