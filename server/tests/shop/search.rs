//! Finding books, as a shopper does it.

use crate::harness::{TestShop, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_is_found_by_half_a_title_and_a_misspelt_author() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    for (query, slug) in [("persuas", "persuasion"), ("georg+eliott", "middlemarch"), ("JOYCE", "ulysses")] {
        let page = browser.get(&format!("/search?q={query}")).await;
        assert!(page.body.contains(&format!("href=\"/book/{slug}\"")), "{query}: {}", page.words());
    }
    let nothing = browser.get("/search?q=xyzzyxyzzy").await;
    assert_eq!(nothing.status, 200);
    assert!(nothing.words().contains("We could not find that"), "{}", nothing.words());
    let unasked = browser.get("/search").await;
    assert!(unasked.words().contains("What would you like to read?"), "{}", unasked.words());
    let suggested = shop.api().get("/api/suggest?q=emm").await.json();
    assert_eq!(suggested["books"][0]["href"], "/book/emma");
    shop.close().await;
}

/// Results show prices and copies as they are now, though the index knows neither.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_show_what_can_be_had_at_this_moment() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    assert!(browser.get("/search?q=middlemarch").await.words().contains("€12.99"));
    browser.order(&shop, "middlemarch", 1).await;
    shop.execute("update offer set price = 1").await;
    let page = browser.get("/search?q=middlemarch").await;
    assert!(page.words().contains("Sold out") && page.words().contains("€0.01"), "{}", page.words());
    shop.close().await;
}

/// A title that changes is found under its new words, on every server, without a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_title_is_soon_found_on_every_server() {
    let mut shop = TestShop::open().await;
    let second = shop.second_server().await;
    shop.execute(
        "update work set title = 'Zuleika Dobson' where slug = 'emma';
         insert into book_change (edition_id) select id from edition where external_key = 'octavo/emma'",
    )
    .await;
    for server in [shop.url.clone(), second] {
        let api = shop.api().at(&server);
        within("the new title is found", async || {
            api.get("/api/search?q=zuleika").await.json()["books"][0]["slug"] == "emma"
        })
        .await;
    }
    shop.close().await;
}
