//! The button by which customers ask for the link that proves their address.

use leptos::prelude::*;

/// A form with nothing but its button.
#[component]
pub fn ProofForm(
    /// What the button says.
    label: &'static str,
) -> impl IntoView {
    view! {
        <form method="post" action="/api/send_address_proof">
            <button class="button" type="submit">{label}</button>
        </form>
    }
}
