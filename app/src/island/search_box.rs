//! The search's line, with suggestions while typing: the combobox pattern of the ARIA Authoring Practices.

use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::page::search::suggest;
use crate::view::{Suggestion, Suggestions};

/// How long the typing must rest before we ask.
const REST: Duration = Duration::from_millis(120);

/// The search's form. Without scripts it is just that.
#[island]
pub fn SearchBox(
    /// What stands in it at first.
    query: String,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let found = RwSignal::new(Suggestions::default());
    let active = RwSignal::new(None::<usize>);
    let closed = RwSignal::new(true);
    let timer = StoredValue::new(None::<TimeoutHandle>);

    let count = move || found.with(|found| found.books.len() + found.authors.len());
    let open = Memo::new(move |_| !closed.get() && count() > 0);
    let close = move || {
        closed.set(true);
        active.set(None);
    };

    let ask = move || {
        let asked = typed.get_untracked();
        spawn_local(async move {
            let answer =
                if asked.trim().is_empty() { Ok(Suggestions::default()) } else { suggest(asked.clone()).await };
            // An answer to what is no longer typed comes too late.
            if let Ok(answer) = answer
                && typed.get_untracked() == asked
            {
                active.set(None);
                found.set(answer);
            }
        });
    };
    let on_input = move |event| {
        typed.set(event_target_value(&event));
        closed.set(false);
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        timer.set_value(set_timeout_with_handle(ask, REST).ok());
    };

    let step = move |forward: bool| {
        let end = count();
        closed.set(false);
        active.update(|active| {
            *active = match (*active, forward) {
                (None, true) => Some(0),
                (None, false) => end.checked_sub(1),
                (Some(at), true) => Some(at + 1).filter(|at| *at < end),
                (Some(at), false) => at.checked_sub(1),
            }
        });
    };
    let on_keydown = move |event: KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        match event.key().as_str() {
            "ArrowDown" if count() > 0 => step(true),
            "ArrowUp" if count() > 0 => step(false),
            "Escape" if open.get_untracked() => close(),
            "Enter" => {
                let chosen = active.get_untracked().filter(|_| open.get_untracked());
                let Some(href) = chosen.and_then(|at| found.with_untracked(|found| href_of(found, at))) else { return };
                if let Err(error) = window().location().set_href(&href) {
                    leptos::logging::error!("{href}: {error:?}");
                }
            }
            _ => return,
        }
        event.prevent_default();
    };

    let group = move |title: &'static str, id: &'static str, first: usize, suggestions: Vec<Suggestion>| {
        let options = suggestions
            .into_iter()
            .zip(first..)
            .map(|(suggestion, at)| view! { <Choice suggestion=suggestion at=at active=active /> })
            .collect::<Vec<_>>();
        (!options.is_empty()).then(|| {
            view! {
                <div role="group" aria-labelledby=id>
                    <div class="suggestions-title" id=id>{title}</div>
                    {options}
                </div>
            }
        })
    };
    let groups = move || {
        let Suggestions { books, authors } = found.get();
        let first_author = books.len();
        (group("Books", "suggested-books", 0, books), group("Authors", "suggested-authors", first_author, authors))
    };
    let said = move || match count() {
        _ if !open.get() => String::new(),
        1 => "1 suggestion".to_owned(),
        several => format!("{several} suggestions"),
    };

    view! {
        <form class="search-box" action="/search" method="get">
            <label class="visually-hidden" for="search">"Search books, authors, ISBN"</label>
            <input
                id="search"
                name="q"
                type="search"
                value=query
                placeholder="Title, author or ISBN"
                maxlength="200"
                autocomplete="off"
                spellcheck="false"
                role="combobox"
                aria-autocomplete="list"
                aria-controls="suggestions"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-activedescendant=move || active.get().map(option_id)
                on:input=on_input
                on:keydown=on_keydown
                on:focus=move |_| closed.set(false)
                on:blur=move |_| close()
            />
            <button type="submit">
                <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
                    <path d="M13.200 13.200 18 18M15 8.500a6.500 6.500 0 1 1-13 0 6.500 6.500 0 0 1 13 0z" />
                </svg>
                <span class="visually-hidden">"Search"</span>
            </button>
            // A press must not take the focus from the line before the click arrives.
            <div
                class="suggestions"
                id="suggestions"
                role="listbox"
                aria-label="Suggestions"
                hidden=move || !open.get()
                on:mousedown=|event| event.prevent_default()
            >
                {groups}
            </div>
            <p class="visually-hidden" role="status">{said}</p>
        </form>
    }
}

#[component]
fn Choice(suggestion: Suggestion, at: usize, active: RwSignal<Option<usize>>) -> impl IntoView {
    view! {
        <a
            class="suggestion"
            role="option"
            tabindex="-1"
            id=option_id(at)
            href=suggestion.href
            aria-selected=move || if active.get() == Some(at) { "true" } else { "false" }
        >
            <span class="suggestion-text" dir="auto">{suggestion.text}</span>
            <span class="suggestion-detail" dir="auto">{suggestion.detail}</span>
        </a>
    }
}

fn option_id(at: usize) -> String {
    format!("suggestion-{at}")
}

fn href_of(found: &Suggestions, at: usize) -> Option<String> {
    found.books.iter().chain(&found.authors).nth(at).map(|suggestion| suggestion.href.clone())
}
