//! A book's page.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use server_fn::codec::GetUrl;

use crate::error::AppError;
use crate::part::{BookGrid, ByLine, Cover, Problems, Stock, loaded, notice, year};
use crate::view::{Availability, Book, Edition, Subject};

/// The book at `/book/{slug}`.
///
/// # Errors
/// [`AppError::NotFound`], or when a module fails.
#[server(name = ReadBook, prefix = "/api", endpoint = "book", input = GetUrl)]
pub async fn book(slug: String) -> Result<Book, AppError> {
    crate::gateway::Gateway::current().book(&slug).await
}

/// A book, and its editions to buy.
#[component]
pub fn Page() -> impl IntoView {
    let slug = use_params_map().with_untracked(|params| params.get("slug").unwrap_or_default());
    loaded(async move { Ok((book(slug).await?, notice().await)) }, |(book, notice)| {
        let Book { title, original_title, authors, first_published, description, subjects, editions, related, .. } =
            book;
        let facts = [
            original_title.map(|original| format!("Original title: {original}")),
            first_published.map(|first| format!("First published {}", year(first))),
        ];
        let facts = facts.into_iter().flatten().map(|fact| view! { <li dir="auto">{fact}</li> }).collect_view();
        view! {
            <Title text=title.clone() />
            <Meta name="description" content=description.clone() />
            <Problems notice=notice.as_ref() />
            <article class="book">
                <div class="book-cover">
                    <Cover title=&title authors=&authors subject=subjects.first() />
                </div>
                <div class="book-words">
                    <Tags subjects=subjects />
                    <h1 dir="auto">{title.clone()}</h1>
                    <ByLine authors=authors />
                    <p class="book-description" dir="auto">{description}</p>
                    <ul role="list" class="book-facts">{facts}</ul>
                    <Editions title=title editions=editions />
                </div>
            </article>
            {(!related.is_empty()).then(|| view! {
                <section class="shelf">
                    <div class="shelf-head"><h2>"By the same author"</h2></div>
                    <BookGrid books=related row=true />
                </section>
            })}
        }
    })
}

#[component]
fn Tags(subjects: Vec<Subject>) -> impl IntoView {
    let links = subjects
        .into_iter()
        .map(|subject| view! { <li><a href=format!("/subject/{}", subject.slug)>{subject.name}</a></li> })
        .collect_view();
    view! { <ul role="list" class="tags" aria-label="Subjects">{links}</ul> }
}

#[component]
fn Editions(title: String, editions: Vec<Edition>) -> impl IntoView {
    let editions = editions
        .into_iter()
        .map(|edition| view! { <li class="edition"><EditionRow title=&title edition=edition /></li> })
        .collect_view();
    view! {
        <section class="editions" aria-labelledby="editions">
            <h2 id="editions">"Editions"</h2>
            <ul role="list">{editions}</ul>
        </section>
    }
}

#[component]
fn EditionRow<'a>(title: &'a str, edition: Edition) -> impl IntoView + use<> {
    let Edition { id, format, language, publisher, published, isbn13, price, availability } = edition;
    let facts = [
        Some(publisher).filter(|text| !text.is_empty()),
        published.map(year),
        isbn13.map(|isbn| format!("ISBN {isbn}")),
    ];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let name = format!("{format}, {language}");
    let to_be_had = matches!(availability, Availability::InStock | Availability::FewLeft { .. });
    let label = format!("Add to basket: {title}, {name}");
    view! {
        <div class="edition-words">
            <h3 class="edition-name">{name}</h3>
            <p class="edition-facts">{facts}</p>
        </div>
        <div class="edition-offer">
            {price.map(|price| view! { <span class="price">{price.to_string()}</span> })}
            <Stock availability=availability />
        </div>
        {to_be_had.then(|| view! {
            <form method="post" action="/api/add_to_basket">
                <input type="hidden" name="edition" value=id.to_string() />
                <input type="hidden" name="quantity" value="1" />
                <button class="button" type="submit" aria-label=label>"Add to basket"</button>
            </form>
        })}
    }
}
