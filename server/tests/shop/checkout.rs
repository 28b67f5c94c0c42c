//! The checkout: one form, one order; and what becomes of a form that cannot be carried out.

use serde_json::json;

use crate::harness::{PAYS, TestShop, address};

/// PURCHASE 34.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_show_one_form_and_lead_to_one_order() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let (first, second) = (browser.get("/checkout").await, browser.get("/checkout").await);
    let one = browser.submit(&first, "/api/place_order", &address()).await;
    let other = browser.submit(&second, "/api/place_order", &address()).await;
    assert_eq!(one.path, other.path);
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_whose_basket_has_changed_orders_nothing_and_says_so() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let emma = shop.edition("emma").await;
    browser.add(emma, 1).await;
    let stale = browser.get("/checkout").await;
    browser.add(emma, 1).await;
    let before = shop.snapshot().await.but_sessions();
    let shown = browser.submit(&stale, "/api/place_order", &address()).await;
    assert_eq!(shown.path, "/checkout");
    assert!(shown.words().contains("Your basket has changed"), "{}", shown.words());
    assert!(shown.body.contains("12 Canary Row"), "what was typed is not to be typed again");
    let answer = browser.as_api().place(stale.form("/api/place_order").field("token")).await;
    assert_eq!((answer.status, answer.problem().as_str()), (409, "basket_changed"));
    assert_eq!(shop.snapshot().await.but_sessions(), before);
    let again = browser.submit(&shown, "/api/place_order", &address()).await;
    assert!(again.path.ends_with("/pay"), "the form that is shown then is good");
    shop.close().await;
}

/// SECURITY 70.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_price_that_has_risen_is_shown_before_anything_is_ordered() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let stale = browser.get("/checkout").await;
    shop.execute("update offer set price = price + 500").await;
    let shown = browser.submit(&stale, "/api/place_order", &address()).await;
    assert!(shown.words().contains("Your basket has changed"), "{}", shown.words());
    assert!(shown.words().contains("€14.99"));
    assert_eq!(shop.count("select count(*) from orders").await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_that_has_sold_out_meanwhile_is_named_and_nothing_is_ordered() {
    let shop = TestShop::open().await;
    let (slow, quick) = (shop.browser(), shop.browser());
    let (emma, middlemarch) = (shop.edition("emma").await, shop.edition("middlemarch").await);
    slow.add(emma, 1).await;
    slow.add(middlemarch, 1).await;
    let form = slow.get("/checkout").await;
    quick.order(&shop, "middlemarch", 1).await;
    let unsold = async || shop.snapshot().await.but_sessions().but(&["idempotency", "basket"]);
    let before = unsold().await;
    let shown = slow.submit(&form, "/api/place_order", &address()).await;
    assert!(shown.words().contains("the last copy has just gone"), "{}", shown.words());
    assert_eq!(unsold().await, before, "not even the copies that there are were taken");
    let basket = slow.get("/basket").await;
    assert!(basket.words().contains("Sold out in the meantime"), "{}", basket.words());
    assert!(!basket.body.contains("href=\"/checkout\""), "a basket that cannot be had leads to no checkout");
    let without = slow.as_api().post_json("/api/set_quantity", &json!({"edition": middlemarch, "quantity": 0})).await;
    assert_eq!(without.status, 200);
    slow.place_order().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_not_whole_is_refused_field_by_field() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let form = browser.get("/checkout").await;
    let mut typed = address();
    for (name, value) in &mut typed {
        match *name {
            "email" => *value = "nobody".to_owned(),
            "street" => *value = " ".to_owned(),
            _ => {}
        }
    }
    let before = shop.snapshot().await.but_sessions();
    let shown = browser.submit(&form, "/api/place_order", &typed).await;
    for (field, word) in [("#email", "E-mail address"), ("#street", "Street and number")] {
        assert!(shown.body.contains(&format!("href=\"{field}\"")), "{field} is named: {}", shown.words());
        assert!(shown.words().contains(word));
    }
    assert!(shown.body.contains("Canary Reader"), "what was right is not to be typed again");
    assert_eq!(shop.snapshot().await.but_sessions(), before);
    let other = browser.get("/checkout").await;
    assert!(!other.body.contains("role=\"alert\""), "the page without that address tells of nothing");
    shop.close().await;
}

/// PURCHASE 34: the form of a guest who has signed in since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guests_form_sent_again_after_signing_in_leads_to_the_same_order() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let token = browser.checkout_token().await;
    let link = browser.place(&token).await.order_link();
    browser.sign_up("ada").await;
    assert_eq!(browser.place(&token).await.order_link(), link);
    let orders = browser.as_api().get("/api/orders").await.json();
    assert_eq!(orders[0]["link"], json!(link), "a guest's orders belong to the account from then on");
    browser.pay(&shop, &link, PAYS).await;
    shop.close().await;
}

/// A guest's form that was not sent yet: its basket is the account's now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guests_unsent_form_gets_the_checkout_page_after_signing_in() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let form = browser.get("/checkout").await;
    browser.sign_up("ada").await;
    let shown = browser.submit(&form, "/api/place_order", &address()).await;
    assert_eq!(shown.path, "/checkout");
    assert!(shown.words().contains("Your basket has changed"), "{}", shown.words());
    assert_eq!(shop.count("select count(*) from orders").await, 0);
    browser.submit(&shown, "/api/place_order", &address()).await;
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_elses_token_orders_nothing() {
    let shop = TestShop::open().await;
    let (ada, eve) = (shop.api(), shop.api());
    let emma = shop.edition("emma").await;
    ada.add(emma, 1).await;
    eve.add(emma, 1).await;
    let token = ada.checkout_token().await;
    let stolen = eve.place(&token).await;
    assert_eq!((stolen.status, stolen.problem().as_str()), (409, "basket_changed"));
    let link = ada.place(&token).await.order_link();
    let stolen = eve.place(&token).await;
    assert_eq!((stolen.status, stolen.problem().as_str()), (409, "basket_changed"));
    assert!(!stolen.body.contains(&link), "nor does it tell of the order");
    shop.close().await;
}

/// PURCHASE 34: signed out, the form is nobody's; signed in again, it is the customer's whose order it made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_sent_again_after_signing_out_and_in_leads_to_the_same_order() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.sign_up("ada").await;
    browser.add(shop.edition("emma").await, 1).await;
    let token = browser.checkout_token().await;
    let link = browser.place(&token).await.order_link();
    browser.post_form("/api/sign_out", &[]).await;
    let nobodys = browser.as_api().place(&token).await;
    assert_eq!(nobodys.status, 409, "{nobodys:?}");
    assert!(!nobodys.body.contains(&link));
    browser.sign_in("ada").await;
    assert_eq!(browser.place(&token).await.order_link(), link);
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    shop.close().await;
}
