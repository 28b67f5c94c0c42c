//! The pages of a book, an author and a subject.

use crate::harness::TestShop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_shows_its_editions_with_what_they_cost_and_whether_they_can_be_had() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let book = browser.get("/book/emma").await;
    for words in ["Emma", "Jane Austen", "Paperback, English", "€9.99", "Hardback, English", "€24.99", "1815"] {
        assert!(book.words().contains(words), "{words}: {}", book.words());
    }
    assert!(book.body.contains("href=\"/book/persuasion\""), "more by the same author");
    let offered: Vec<String> = book
        .forms()
        .iter()
        .filter(|form| form.action == "/api/add_to_basket")
        .map(|form| form.field("edition").to_owned())
        .collect();
    assert_eq!(offered, [shop.edition("emma").await.to_string(), shop.edition("emma-hardback").await.to_string()]);
    shop.close().await;
}

/// An edition without a price is listed, but nobody can put it into a basket.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edition_without_an_offer_is_shown_and_not_sold() {
    let shop = TestShop::open().await;
    shop.execute(
        "delete from offer where edition_id = (select id from edition where external_key = 'octavo/middlemarch')",
    )
    .await;
    let page = shop.browser().get("/book/middlemarch").await;
    assert_eq!(page.status, 200);
    assert!(page.forms().iter().all(|form| form.action != "/api/add_to_basket"), "{}", page.words());
    let added = shop.api().add(shop.edition("middlemarch").await, 1).await;
    assert_eq!((added.status, added.problem().as_str()), (404, "not_found"));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_author_and_a_subject_show_their_books() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let author = browser.get("/author/jane-austen").await;
    assert!(author.words().contains("English novelist"), "{}", author.words());
    for slug in ["emma", "persuasion"] {
        assert!(author.body.contains(&format!("href=\"/book/{slug}\"")), "{slug}");
    }
    assert!(!author.body.contains("/book/ulysses"));
    let subject = browser.get("/subject/dublin").await;
    assert!(subject.body.contains("href=\"/book/ulysses\"") && !subject.body.contains("/book/emma"));
    shop.close().await;
}
