//! The basket.

use serde_json::json;

use crate::harness::TestShop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_in_can_be_changed_and_taken_out_without_scripts() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let book = browser.get("/book/emma").await;
    let basket = browser.submit(&book, "/api/add_to_basket", &[]).await;
    assert_eq!(basket.path, "/basket");
    let basket = browser.submit(&basket, "/api/set_quantity", &[("quantity", "3".to_owned())]).await;
    assert!(basket.words().contains("€29.97"), "{}", basket.words());
    assert!(basket.words().contains("€9.99 each"));
    let remove =
        basket.forms().into_iter().find(|form| form.fields.contains(&("quantity".into(), "0".into()))).unwrap();
    assert_eq!(remove.action, "/api/set_quantity");
    let basket = browser.submit(&basket, "/api/set_quantity", &[("quantity", "0".to_owned())]).await;
    assert!(basket.words().contains("Your basket is empty"), "{}", basket.words());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_basket_takes_no_more_than_there_is() {
    let shop = TestShop::open().await;
    let api = shop.api();
    let persuasion = shop.edition("persuasion").await;
    assert_eq!(api.add(persuasion, 1).await.status, 200);
    for answer in [
        api.add(persuasion, 1).await,
        api.post_json("/api/set_quantity", &json!({"edition": persuasion, "quantity": 2})).await,
        api.add(persuasion, 99).await,
    ] {
        let problem = answer.problem();
        assert!(matches!((answer.status, problem.as_str()), (409, "sold_out") | (422, "invalid")), "{answer:?}");
    }
    assert_eq!(api.add(shop.edition("ulysses").await, 1).await.json()["left"], 0);
    assert_eq!(api.basket().await, [("Persuasion".to_owned(), 1)]);
    let browser = shop.browser();
    let shown = browser.get("/book/ulysses").await;
    assert!(shown.words().contains("Sold out") && shown.forms().iter().all(|form| form.action != "/api/add_to_basket"));
    shop.close().await;
}

/// The basket of a guest and that of the account become one, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guests_basket_is_merged_into_the_accounts_at_sign_in() {
    let shop = TestShop::open().await;
    let (emma, persuasion) = (shop.edition("emma").await, shop.edition("persuasion").await);
    let home = shop.browser();
    home.sign_up("ada").await;
    home.add(emma, 2).await;
    let library = shop.browser();
    library.add(emma, 98).await;
    library.add(persuasion, 1).await;
    library.sign_in("ada").await;
    let mut basket = library.basket().await;
    basket.sort();
    assert_eq!(basket, [("Emma".to_owned(), 99), ("Persuasion".to_owned(), 1)], "no more than an order takes");
    library.sign_in("ada").await;
    assert_eq!(home.basket().await.len(), 2, "one basket wherever one is signed in");
    assert_eq!(shop.count("select count(*) from basket where state = 'open'").await, 1);
    shop.close().await;
}

/// Changes that come at once neither get lost nor stand in each other's way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_clicks_at_once_are_ten_copies() {
    let shop = TestShop::open().await;
    let api = shop.api();
    let emma = shop.edition("emma").await;
    api.add(emma, 1).await;
    let answers = futures::future::join_all((0..9).map(|_| api.add(emma, 1))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(api.basket().await, [("Emma".to_owned(), 10)]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_basket_has_room_for_a_hundred_books() {
    let shop = TestShop::open().await;
    let api = shop.api();
    api.add(shop.edition("emma").await, 1).await;
    shop.execute(
        r#"
        insert into edition (work_id, external_key, format, language)
        with recursive numbers as (select 1 as n union all select n + 1 from numbers where n < 99)
        select 1, concat('filler-', n), 'paperback', 'en' from numbers;
        insert into offer (edition_id, price, currency)
        select id, 1, 'EUR' from edition where external_key like 'filler-%';
        insert into basket_line (basket_id, edition_id, quantity)
        select basket.id, edition.id, 1 from basket, edition where external_key like 'filler-%';
        "#,
    )
    .await;
    let full = api.add(shop.edition("persuasion").await, 1).await;
    assert_eq!((full.status, full.problem().as_str()), (409, "basket_full"));
    assert_eq!(api.add(shop.edition("emma").await, 1).await.status, 200, "more of what is in it is no new line");
    assert_eq!(api.basket().await.len(), 100);
    shop.close().await;
}
