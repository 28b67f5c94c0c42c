//! A field of a form: its label, a hint, and what is wrong with it.

use leptos::prelude::*;

use super::notice::{why, words};
use crate::view::{self, Notice};

/// A line to type into. After a refusal it holds what was typed, but never a password.
#[component]
pub fn Field<'a>(
    /// Its name in the form, and its id.
    name: &'static str,
    /// What it is called.
    label: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// What a browser or a password manager may fill in.
    autocomplete: &'static str,
    /// The most characters that it takes.
    max: u16,
    /// The fewest.
    #[prop(default = 1)]
    min: u16,
    /// What to know before typing.
    #[prop(default = "")]
    hint: &'static str,
    /// What stands in it at first.
    #[prop(default = "")]
    value: &'a str,
    /// The refused form, after a refusal.
    notice: Option<&'a Notice>,
) -> impl IntoView + use<> {
    let refused = why(notice, name);
    let typed = notice.and_then(|notice| notice.field(name)).unwrap_or(value).to_owned();
    let value = (kind != "password").then_some(typed);
    view! {
        <div class="field" class:field-refused=refused.is_some()>
            <label for=name>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            <input
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                required
                minlength=min
                maxlength=max
                dir="auto"
                aria-invalid=refused.map(|_| "true")
                aria-describedby=described_by(name, !hint.is_empty(), refused.is_some())
            />
            {refused.map(|why| view! { <p class="field-problem" id=format!("{name}-problem")>{label}" "{words(why)}"."</p> })}
        </div>
    }
}

/// The choice of a country.
#[component]
pub fn Country<'a>(
    /// What can be chosen.
    countries: Vec<view::Country>,
    /// The code of the one that is chosen.
    chosen: String,
    /// The refused form, after a refusal.
    notice: Option<&'a Notice>,
) -> impl IntoView + use<> {
    let refused = why(notice, "country");
    let typed = notice.and_then(|notice| notice.field("country")).unwrap_or(&chosen).to_owned();
    let options = countries
        .into_iter()
        .map(|country| view! { <option value=country.code.clone() selected=country.code == typed>{country.name}</option> })
        .collect_view();
    view! {
        <div class="field" class:field-refused=refused.is_some()>
            <label for="country">"Country"</label>
            <select
                id="country"
                name="country"
                autocomplete="country"
                required
                aria-invalid=refused.map(|_| "true")
                aria-describedby=described_by("country", false, refused.is_some())
            >
                {options}
            </select>
            {refused.map(|why| view! { <p class="field-problem" id="country-problem">"Country "{words(why)}"."</p> })}
        </div>
    }
}

fn described_by(name: &str, hint: bool, problem: bool) -> Option<String> {
    let ids: Vec<String> = [(hint, "hint"), (problem, "problem")]
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, id)| format!("{name}-{id}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
