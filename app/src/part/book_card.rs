//! A book in a list, and lists of them.

use leptos::prelude::*;

use super::{Cover, Stock, year};
use crate::view::{self, Author, Availability};

/// A book as lists show it: cover, title, authors, price.
#[component]
pub fn BookCard(
    /// The book.
    book: view::BookCard,
) -> impl IntoView {
    let href = format!("/book/{}", book.slug);
    let names = book.authors.iter().map(|author| author.name.clone()).collect::<Vec<_>>().join(", ");
    let published =
        book.first_published.map(|published| view! { ", "<span class="book-card-year">{year(published)}</span> });
    let stock = match book.availability {
        Availability::InStock => None,
        other => Some(view! { <Stock availability=other /> }),
    };
    view! {
        <article class="book-card">
            <a class="book-card-link" href=href>
                <Cover title=&book.title authors=&book.authors subject=book.subject.as_ref() />
                <h3 class="book-card-title" dir="auto">{book.title.clone()}</h3>
            </a>
            <p class="book-card-authors"><bdi>{names}</bdi>{published}</p>
            <p class="book-card-facts">
                {book.price.map(|price| view! { <span class="price">{price.to_string()}</span> })}
                {stock}
            </p>
        </article>
    }
}

/// Books side by side.
#[component]
pub fn BookGrid(
    /// The books.
    books: Vec<view::BookCard>,
    /// One row that scrolls sideways on small screens.
    #[prop(optional)]
    row: bool,
) -> impl IntoView {
    let books = books.into_iter().map(|book| view! { <li><BookCard book=book /></li> }).collect_view();
    // A list without markers is no list to VoiceOver unless it says so.
    view! { <ul role="list" class=if row { "book-grid book-row" } else { "book-grid" }>{books}</ul> }
}

/// Who wrote a book, each name leading to its page.
#[component]
pub fn ByLine(
    /// Who.
    authors: Vec<Author>,
) -> impl IntoView {
    let last = authors.len().saturating_sub(1);
    let names = authors
        .into_iter()
        .enumerate()
        .map(|(at, author)| {
            let joint = match at {
                0 => "",
                at if at == last => " and ",
                _ => ", ",
            };
            view! { {joint}<a href=format!("/author/{}", author.slug)>{author.name}</a> }
        })
        .collect_view();
    view! { <p class="by-line" dir="auto">{names}</p> }
}
