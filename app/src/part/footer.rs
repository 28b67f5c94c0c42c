//! The foot of every page.

use leptos::prelude::*;

/// The foot of every page.
#[component]
pub fn Footer() -> impl IntoView {
    view! {
        <footer class="footer">
            <div class="footer-inner">
                <p class="footer-words">
                    <em>"Octavo"</em>
                    ": a sheet folded three times, which makes eight leaves. The size of a book that fits the hand."
                </p>
                <nav aria-label="Foot">
                    <ul role="list" class="footer-links">
                        <li><a href="/">"All shelves"</a></li>
                        <li><a href="/basket">"Basket"</a></li>
                        <li><a href="/orders">"Your orders"</a></li>
                    </ul>
                </nav>
            </div>
        </footer>
    }
}
