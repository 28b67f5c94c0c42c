//! What pages read of the catalogue.

use search::Format;

use crate::Shop;

#[tokio::test]
async fn a_book_is_read_with_all_that_belongs_to_it() {
    let shop = Shop::open().await;
    let catalogue = shop.catalogue();
    let book = catalogue.book("the-little-prince").await.unwrap().unwrap();
    assert_eq!(book.original_title.as_deref(), Some("Le Petit Prince"));
    assert_eq!((book.language.as_str(), book.first_published), ("fr", Some(1943)));
    assert_eq!(book.authors[0].slug, "antoine-de-saint-exupery");
    let subjects: Vec<&str> = book.subjects.iter().map(|subject| subject.name.as_str()).collect();
    assert_eq!(subjects, ["Children", "Classics"]);
    let editions: Vec<_> = book.editions.iter().map(|edition| (edition.format, edition.language.as_str())).collect();
    assert_eq!(editions, [(Format::Hardback, "en"), (Format::Paperback, "fr")]);
    assert_eq!(catalogue.book("genji-monogatari").await.unwrap().unwrap().title, "源氏物語");
    let odyssey = catalogue.book("the-odyssey").await.unwrap().unwrap();
    assert_eq!(odyssey.first_published, Some(-700));
    shop.close().await;
}

#[tokio::test]
async fn an_author_comes_with_the_books_most_asked_for_first() {
    let shop = Shop::open().await;
    let author = shop.catalogue().author("ursula-k-le-guin").await.unwrap().unwrap();
    let titles: Vec<&str> = author.books.iter().map(|book| book.title.as_str()).collect();
    assert_eq!(titles, ["The Left Hand of Darkness", "A Wizard of Earthsea", "The Dispossessed"]);
    assert!(author.about.contains("fantasy"));
    shop.close().await;
}

#[tokio::test]
async fn what_does_not_exist_is_none_whatever_it_is_called() {
    let shop = Shop::open().await;
    let catalogue = shop.catalogue();
    for slug in ["", "no-such-book", "' or 1=1 --", "Émile", "\u{1f600}", &"x".repeat(10_000)] {
        assert_eq!(catalogue.book(slug).await.unwrap(), None);
        assert_eq!(catalogue.author(slug).await.unwrap(), None);
        assert_eq!(catalogue.by_subject(slug, 10).await.unwrap(), []);
    }
    shop.close().await;
}

#[tokio::test]
async fn cards_come_in_the_order_asked_without_the_unknown() {
    let shop = Shop::open().await;
    let catalogue = shop.catalogue();
    let dune = catalogue.book("dune").await.unwrap().unwrap();
    let emma = catalogue.book("emma").await.unwrap().unwrap();
    let cards = catalogue.cards(&[dune.work_id, u64::MAX, emma.work_id]).await.unwrap();
    let slugs: Vec<&str> = cards.iter().map(|card| card.slug.as_str()).collect();
    assert_eq!(slugs, ["dune", "emma"]);
    assert_eq!(cards[0].edition_ids, [dune.editions[0].id]);
    assert_eq!(cards[0].subject.as_ref().unwrap().name, "Science fiction");
    assert_eq!(catalogue.cards(&[]).await.unwrap(), []);
    shop.close().await;
}

#[tokio::test]
async fn editions_come_in_the_order_asked() {
    let shop = Shop::open().await;
    let id = |key: &str| shop.imported.offers.iter().find(|offer| offer.key == key).unwrap().edition_id;
    let asked = [id("voina-i-mir-hardback"), id("hobbit-paperback"), u64::MAX, id("war-and-peace-paperback")];
    let cards = shop.catalogue().editions(&asked).await.unwrap();
    let shown: Vec<_> = cards.iter().map(|card| (card.slug.as_str(), card.language.as_str(), card.format)).collect();
    assert_eq!(
        shown,
        [
            ("war-and-peace", "ru", Format::Hardback),
            ("the-hobbit", "en", Format::Paperback),
            ("war-and-peace", "en", Format::Paperback),
        ]
    );
    assert_eq!(shop.catalogue().editions(&[]).await.unwrap(), []);
    shop.close().await;
}

#[tokio::test]
async fn shelves_hold_the_most_asked_for_books() {
    let shop = Shop::open().await;
    let catalogue = shop.catalogue();
    let popular = catalogue.popular(3).await.unwrap();
    let slugs: Vec<&str> = popular.iter().map(|card| card.slug.as_str()).collect();
    assert_eq!(slugs, ["the-lord-of-the-rings", "the-hobbit", "nineteen-eighty-four"]);
    let crime = catalogue.by_subject("crime", 2).await.unwrap();
    assert_eq!(crime[0].slug, "crime-and-punishment");
    assert_eq!(crime.len(), 2);
    let subjects = catalogue.subjects().await.unwrap();
    assert!(subjects.iter().any(|subject| subject.slug == "science-fiction"));
    assert!(subjects.is_sorted_by(|one, next| one.name <= next.name));
    shop.close().await;
}
