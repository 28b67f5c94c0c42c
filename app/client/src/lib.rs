//! What the browser loads: it brings the islands of `app` to life.

/// Called by the script in the page's head.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    // The islands are linked only if their crate is named.
    use app as _;
    leptos::mount::hydrate_islands();
}
