//! The home page.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use server_fn::codec::GetUrl;

use crate::error::AppError;
use crate::part::{BookGrid, Cover, loaded};
use crate::view::{Home, Shelf, Subject};

/// What the home page shows.
///
/// # Errors
/// When a module fails.
#[server(name = ReadHome, prefix = "/api", endpoint = "home", input = GetUrl)]
pub async fn home() -> Result<Home, AppError> {
    crate::gateway::Gateway::current().home().await
}

/// The home page.
#[component]
pub fn Page() -> impl IntoView {
    loaded(home(), |home| {
        view! {
            <Title text="" />
            <Meta name="description" content="A bookshop for printed books: novels, essays and ideas, found at once." />
            <Hero shelf=home.shelves.first().cloned() />
            <Subjects subjects=home.subjects />
            {home.shelves.into_iter().map(|shelf| view! { <Row shelf=shelf /> }).collect_view()}
        }
    })
}

#[component]
fn Hero(shelf: Option<Shelf>) -> impl IntoView {
    let covers = shelf.into_iter().flat_map(|shelf| shelf.books).take(3).map(|book| {
        view! { <Cover title=&book.title authors=&book.authors subject=book.subject.as_ref() /> }
    });
    view! {
        <section class="hero">
            <div class="hero-words">
                <h1>"Books worth "<em>"keeping"</em></h1>
                <p>
                    "Printed, bound and sent to your door. Half a title will do to find one, and so will a misspelt author or an ISBN."
                </p>
            </div>
            <div class="hero-covers" aria-hidden="true">{covers.collect_view()}</div>
        </section>
    }
}

#[component]
fn Subjects(subjects: Vec<Subject>) -> impl IntoView {
    let links = subjects
        .into_iter()
        .map(|subject| view! { <li><a href=format!("/subject/{}", subject.slug)>{subject.name}</a></li> })
        .collect_view();
    view! {
        <nav class="subjects" aria-label="Subjects">
            <ul role="list">{links}</ul>
        </nav>
    }
}

#[component]
fn Row(shelf: Shelf) -> impl IntoView {
    let all = shelf.subject.map(|subject| {
        let name = subject.name;
        view! {
            <a class="shelf-all" href=format!("/subject/{}", subject.slug)>
                "See all"<span class="visually-hidden">" of "{name}</span>
            </a>
        }
    });
    view! {
        <section class="shelf">
            <div class="shelf-head">
                <h2>{shelf.title}</h2>
                {all}
            </div>
            <BookGrid books=shelf.books row=true />
        </section>
    }
}
