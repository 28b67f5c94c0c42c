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
        AppError::SoldOut { left, .. } => {
            let book = notice.and_then(|notice| notice.book.as_deref()).unwrap_or("This book");
            match left {
                0 => format!("{book}: the last copy has just gone. Your basket is as it was."),
                1 => format!("{book}: we have only one copy left. Your basket is as it was."),
                left => format!("{book}: we have only {left} copies left. Your basket is as it was."),
            }
        }
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
pub fn words(why: Why) -> &'static str {
    match why {
        Why::Missing => "is missing",
        Why::Malformed => "does not look right",
        Why::TooLong => "is too long",
        Why::TooShort => "is too short",
        Why::TooCommon => "is one that many people use; choose another",
        Why::TooObvious => "contains your name or address; choose another",
        Why::Taken => "belongs to an account already",
        Why::OutOfRange => "is not one that can be chosen",
        Why::Unknown => "is not one that we know",
        Why::NotYet => "cannot be used yet",
        Why::Over => "has expired",
        Why::UsedUp => "has been used up",
        Why::UsedByYou => "has been used by you already",
        Why::Empty => "has nothing left on it",
        Why::OtherCurrency => "is in another currency than your basket",
    }
}
