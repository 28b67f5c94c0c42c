//! A refused form on its page again: why, and what was typed.

use leptos::prelude::*;

use crate::error::{AppError, Why};
use crate::view::Notice;

/// The refused form that this page's address names.
pub async fn notice() -> Option<Notice> {
    #[cfg(feature = "ssr")]
    return crate::gateway::notice().await;
    #[cfg(not(feature = "ssr"))]
    None
}

/// Why a field is refused, if it is.
#[must_use]
pub fn why(notice: Option<&Notice>, field: &str) -> Option<Why> {
    match &notice?.error {
        AppError::Invalid { fields } => fields.iter().find(|refused| refused.field == field).map(|refused| refused.why),
        _ => None,
    }
}

/// The box above a form that was refused: what is wrong, with a link to each field that is.
#[component]
pub fn Problems<'a>(
    /// The refused form.
    notice: Option<&'a Notice>,
    /// The form's fields: name and label.
    #[prop(optional)]
    fields: &'static [(&'static str, &'static str)],
) -> impl IntoView + use<> {
    let error = notice?.error.clone();
    let refused: Vec<_> = fields.iter().filter(|(name, _)| why(notice, name).is_some()).collect();
    let links = refused
        .into_iter()
        .map(|&(name, label)| {
            let why = why(notice, name);
            view! { <li><a href=format!("#{name}")>{label}" "{why.map(words)}</a></li> }
        })
        .collect::<Vec<_>>();
    let text = match &error {
        AppError::SoldOut { left: 0, .. } => "One of these books has just sold out. Nothing was ordered.".to_owned(),
        AppError::SoldOut { left, .. } => format!("Of one of these books only {left} can be had. Nothing was ordered."),
        other => other.title().to_owned(),
    };
    Some(view! {
        <div class="problems" role="alert" aria-labelledby="problems-title" tabindex="-1">
            <h2 id="problems-title">{text}</h2>
            {(!links.is_empty()).then(|| view! { <ul>{links}</ul> })}
        </div>
    })
}

/// Why a field is refused, in words.
pub(super) fn words(why: Why) -> &'static str {
    match why {
        Why::Missing => "is missing",
        Why::Malformed => "cannot be read",
        Why::TooLong => "is too long",
        Why::TooShort => "is too short",
        Why::TooCommon => "is one that many people use; choose another",
        Why::TooObvious => "contains your name or address; choose another",
        Why::Taken => "belongs to an account already",
        Why::OutOfRange => "is not one that can be chosen",
    }
}
