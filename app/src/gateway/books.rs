//! Books as pages show them: the catalogue's words with the purchase's prices and copies.

use std::collections::{HashMap, HashSet};

use purchase::money::Money;
use purchase::stock::offer::Offer;
use search::{Found, Hits, Query};

use super::Gateway;
use crate::error::AppError;
use crate::view::{
    Author, AuthorPage, Availability, Book, BookCard, Edition, Home, Price, SearchResults, Shelf, Subject, Suggestion,
    Suggestions,
};

/// From how many copies on nobody needs to hurry.
const ENOUGH: i32 = 4;
const PER_PAGE: u32 = 24;
const PER_SHELF: u32 = 6;
const SUBJECT_SHELVES: usize = 4;
const SUGGESTED: usize = 5;

type Offers = HashMap<u64, Offer>;

impl Gateway {
    /// The home page.
    ///
    /// # Errors
    /// When a module fails.
    pub async fn home(&self) -> Result<Home, AppError> {
        let subjects = self.catalogue.subjects().await?;
        let mut shelves = vec![Shelf {
            title: "Much loved".into(),
            subject: None,
            books: self.with_offers(self.catalogue.popular(PER_SHELF).await?).await?,
        }];
        // A book stands on one shelf.
        let mut shown: HashSet<String> =
            shelves.iter().flat_map(|shelf| &shelf.books).map(|book| book.slug.clone()).collect();
        for subject in &subjects {
            let mut books = self.catalogue.by_subject(&subject.slug, PER_SHELF * (2 + SUBJECT_SHELVES as u32)).await?;
            books.retain(|book| !shown.contains(&book.slug));
            books.truncate(PER_SHELF as usize);
            // A shelf with gaps invites nobody; the subject's own page has them all.
            if books.len() < PER_SHELF as usize {
                continue;
            }
            if shelves.len() > SUBJECT_SHELVES {
                break;
            }
            shown.extend(books.iter().map(|book| book.slug.clone()));
            shelves.push(Shelf {
                title: subject.name.clone(),
                subject: Some(subject_view(subject.clone())),
                books: self.with_offers(books).await?,
            });
        }
        Ok(Home { shelves, subjects: subjects.into_iter().map(subject_view).collect() })
    }

    /// A page of results.
    ///
    /// # Errors
    /// When a module fails.
    pub async fn search(&self, text: &str, page: u32) -> Result<SearchResults, AppError> {
        let query = Query { text: text.to_owned(), page, per_page: PER_PAGE };
        let (hits, nearest) = match self.index.find(query).await? {
            Found::Exact(hits) => (hits, false),
            Found::Nearest { hits, .. } => (hits, true),
            Found::NothingAsked | Found::TooLong | Found::Nothing => {
                (Hits { total: 0, page: 1, pages: 0, work_ids: Vec::new() }, false)
            }
        };
        let cards = self.catalogue.cards(&hits.work_ids).await?;
        Ok(SearchResults {
            query: text.to_owned(),
            total: hits.total,
            page: hits.page,
            pages: hits.pages,
            nearest,
            books: self.with_offers(cards).await?,
        })
    }

    /// What may be meant while it is typed.
    ///
    /// # Errors
    /// When the index fails.
    pub async fn suggest(&self, text: &str) -> Result<Suggestions, AppError> {
        let found = self.index.suggest(text.to_owned(), SUGGESTED).await?;
        let book = |book: search::SuggestedBook| Suggestion {
            href: format!("/book/{}", book.slug),
            text: book.title,
            detail: book.author,
        };
        let author = |author: search::SuggestedAuthor| Suggestion {
            href: format!("/author/{}", author.slug),
            text: author.name,
            detail: String::new(),
        };
        Ok(Suggestions {
            books: found.books.into_iter().map(book).collect(),
            authors: found.authors.into_iter().map(author).collect(),
        })
    }

    /// A book's page.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or when a module fails.
    pub async fn book(&self, slug: &str) -> Result<Book, AppError> {
        let book = self.catalogue.book(slug).await?.ok_or(AppError::NotFound)?;
        let ids: Vec<u64> = book.editions.iter().map(|edition| edition.id).collect();
        let offers = self.purchase.offers(&ids).await?;
        let mut related = Vec::new();
        if let Some(first) = book.authors.first()
            && let Some(author) = self.catalogue.author(&first.slug).await?
        {
            let others = author.books.into_iter().filter(|other| other.work_id != book.work_id);
            related = self.with_offers(others.take(PER_SHELF as usize).collect()).await?;
        }
        let editions = book.editions.into_iter().map(|edition| edition_view(edition, &offers)).collect();
        Ok(Book {
            slug: book.slug,
            title: book.title,
            original_title: book.original_title,
            authors: book.authors.into_iter().map(author_view).collect(),
            first_published: book.first_published,
            description: book.description,
            subjects: book.subjects.into_iter().map(subject_view).collect(),
            editions,
            related,
        })
    }

    /// An author's page.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or when a module fails.
    pub async fn author(&self, slug: &str) -> Result<AuthorPage, AppError> {
        let author = self.catalogue.author(slug).await?.ok_or(AppError::NotFound)?;
        let books = self.with_offers(author.books).await?;
        Ok(AuthorPage { name: author.name, about: author.about, books })
    }

    /// The books of a subject.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or when a module fails.
    pub async fn subject(&self, slug: &str) -> Result<Shelf, AppError> {
        let subjects = self.catalogue.subjects().await?;
        let subject = subjects.into_iter().find(|subject| subject.slug == slug).ok_or(AppError::NotFound)?;
        let books = self.catalogue.by_subject(slug, 96).await?;
        let books = self.with_offers(books).await?;
        Ok(Shelf { title: subject.name.clone(), subject: Some(subject_view(subject)), books })
    }

    /// Puts prices and copies to books in a list, by one query.
    async fn with_offers(&self, cards: Vec<search::BookCard>) -> Result<Vec<BookCard>, AppError> {
        let ids: Vec<u64> = cards.iter().flat_map(|card| card.edition_ids.iter().copied()).collect();
        let offers = self.purchase.offers(&ids).await?;
        Ok(cards.into_iter().map(|card| card_view(card, &offers)).collect())
    }
}

fn card_view(card: search::BookCard, offers: &Offers) -> BookCard {
    let sold: Vec<&Offer> = card.edition_ids.iter().filter_map(|id| offers.get(id)).collect();
    let left = sold.iter().map(|offer| offer.available).fold(0, i32::saturating_add);
    let cheapest = sold.iter().min_by_key(|offer| offer.price.minor());
    BookCard {
        slug: card.slug,
        title: card.title,
        authors: card.authors.into_iter().map(author_view).collect(),
        first_published: card.first_published,
        subject: card.subject.map(subject_view),
        price: cheapest.map(|offer| price(offer.price)),
        availability: if sold.is_empty() { Availability::NotSold } else { availability(left) },
    }
}

fn edition_view(edition: search::Edition, offers: &Offers) -> Edition {
    let offer = offers.get(&edition.id);
    Edition {
        id: edition.id,
        format: format_name(edition.format).to_owned(),
        language: language_name(&edition.language).to_owned(),
        publisher: edition.publisher,
        published: edition.published,
        isbn13: edition.isbn13,
        price: offer.map(|offer| price(offer.price)),
        availability: offer.map_or(Availability::NotSold, |offer| availability(offer.available)),
    }
}

/// The one place that decides how availability is told.
fn availability(left: i32) -> Availability {
    match left {
        ..=0 => Availability::SoldOut,
        1..ENOUGH => Availability::FewLeft { left },
        ENOUGH.. => Availability::InStock,
    }
}

pub(super) fn price(money: Money) -> Price {
    Price { minor: money.minor(), currency: money.currency().code().to_owned() }
}

pub(super) fn author_view(author: search::AuthorRef) -> Author {
    Author { slug: author.slug, name: author.name }
}

pub(super) fn subject_view(subject: search::Subject) -> Subject {
    Subject { slug: subject.slug, name: subject.name }
}

pub(super) fn format_name(format: search::Format) -> &'static str {
    match format {
        search::Format::Paperback => "Paperback",
        search::Format::Hardback => "Hardback",
        search::Format::Printed => "Printed book",
        search::Format::Other => "Not a printed book",
    }
}

/// A language's English name; its code where we have none.
pub(super) fn language_name(code: &str) -> &str {
    match code {
        "ar" => "Arabic",
        "cs" => "Czech",
        "da" => "Danish",
        "de" => "German",
        "el" => "Greek",
        "en" => "English",
        "es" => "Spanish",
        "fi" => "Finnish",
        "fr" => "French",
        "he" => "Hebrew",
        "hu" => "Hungarian",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "la" => "Latin",
        "nl" => "Dutch",
        "no" => "Norwegian",
        "pl" => "Polish",
        "pt" => "Portuguese",
        "ru" => "Russian",
        "sv" => "Swedish",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        "zh" => "Chinese",
        other => other,
    }
}
