//! From one page of results to the next.

use leptos::prelude::*;

/// Links to the pages before and after this one.
#[component]
pub fn Pager(
    /// What was asked.
    query: String,
    /// The page shown, from 1.
    page: u32,
    /// How many there are.
    pages: u32,
) -> impl IntoView {
    let link = move |page: u32, rel: &'static str, words: &'static str| {
        view! { <a class="button button-quiet" rel=rel href=address(&query, page)>{words}</a> }
    };
    (pages > 1).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                {(page > 1).then(|| link(page - 1, "prev", "Previous"))}
                <span class="pager-place">"Page "{page}" of "{pages}</span>
                {(page < pages).then(|| link(page + 1, "next", "Next"))}
            </nav>
        }
    })
}

fn address(query: &str, page: u32) -> String {
    let pairs = [("q", query), ("page", &page.to_string())];
    format!("/search?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_survives_the_address() {
        assert_eq!(address("war & peace?", 2), "/search?q=war+%26+peace%3F&page=2");
        assert_eq!(address("紅", 1), "/search?q=%E7%B4%85&page=1");
    }
}
