//! What an order costs besides its books, as the basket's page lets a shopper decide it: delivery, codes, gift cards.

use serde_json::json;

use crate::harness::{TestShop, address};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delivery_a_discount_code_and_a_gift_card_are_chosen_in_the_basket_and_stand_on_every_page() {
    let shop = TestShop::open().await;
    shop.discount_code("WELCOME", 10).await;
    let card = shop.gift_card(500).await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 2).await;
    let basket = browser.get("/basket").await;
    assert!(basket.words().contains("Delivery to Austria€3.90"), "{}", basket.words());
    let basket = browser.submit(&basket, "/api/set_delivery", &[("country", "DE".to_owned())]).await;
    assert!(basket.words().contains("Delivery to Germany€7.90"), "{}", basket.words());
    let basket = browser.submit(&basket, "/api/add_code", &[("code", "nonsense".to_owned())]).await;
    assert!(basket.words().contains("Discount code or gift card is not one that we know"), "{}", basket.words());
    let basket = browser.submit(&basket, "/api/add_code", &[("code", "wel-come".to_owned())]).await;
    let basket = browser.submit(&basket, "/api/add_code", &[("code", card)]).await;
    // 19.98 − 2.00 + 7.90 = 25.88, of which 7 % VAT are 1.69.
    for words in ["Books€19.98", "Discount (WELCOME)−€2.00", "Total€25.88", "of which 7 % VAT€1.69", "Gift card−€5.00"]
    {
        assert!(basket.words().contains(words), "{words} is missing: {}", basket.words());
    }
    let checkout = browser.get("/checkout").await;
    assert!(checkout.words().contains("Country: Germany"), "{}", checkout.words());
    assert!(checkout.words().contains("Order and pay €20.88"), "{}", checkout.words());
    let link = browser.place_order().await;
    let link = link.trim_start_matches("/order/").trim_end_matches("/pay");
    browser.pay(&shop, link, crate::harness::PAYS).await;
    let order = browser.get(&format!("/order/{link}")).await;
    for words in ["Discount (WELCOME)−€2.00", "Delivery€7.90", "Total€25.88", "Paid at the bank€20.88", "Germany"]
    {
        assert!(order.words().contains(words), "{words} is missing: {}", order.words());
    }
    shop.until_captured().await;
    assert_eq!(shop.bank.ledger().await["totals"]["eur"]["captured"], 2088);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_collected_and_paid_by_a_gift_card_needs_neither_address_nor_bank() {
    let shop = TestShop::open_with(|settings| settings.collect_at = Some("Octavo, Bookmakers' Row 8".to_owned())).await;
    let card = shop.gift_card(5000).await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let basket = browser.get("/basket").await;
    let basket = browser.submit(&basket, "/api/set_delivery", &[("way", "collect".to_owned())]).await;
    let basket = browser.submit(&basket, "/api/add_code", &[("code", card)]).await;
    assert!(basket.words().contains("Collected in the shopfree"), "{}", basket.words());
    let checkout = browser.get("/checkout").await;
    assert!(checkout.words().contains("Bookmakers' Row 8") && !checkout.words().contains("Street and number"));
    let contact = [("email", "ada@shopper.example".to_owned()), ("name", "Ada Reader".to_owned())];
    let order = browser.submit(&checkout, "/api/place_order", &contact).await;
    assert!(order.path.starts_with("/order/") && !order.path.ends_with("/pay"), "{}", order.path);
    assert!(
        order.words().contains("Paid at the bank€0.00") && order.words().contains("Bookmakers' Row 8"),
        "{}",
        order.words()
    );
    let answer = browser.as_api().get(&format!("/api{}", order.path.replace("/order/", "/order?link="))).await.json();
    assert_eq!((&answer["state"], &answer["way"]), (&json!("paid"), &json!("collect")));
    assert_eq!(shop.bank.ledger().await["intents"], json!([]));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_price_is_shown_and_has_to_be_accepted() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let stale = browser.get("/checkout").await;
    shop.execute("update offer set price = 1499 where price = 999").await;
    let shown = browser.submit(&stale, "/api/place_order", &address()).await;
    assert!(shown.words().contains("Your basket has changed"), "{}", shown.words());
    let basket = browser.get("/basket").await;
    assert!(basket.words().contains("The price has changed: it was €9.99, and is €14.99 now."), "{}", basket.words());
    let pay = browser.submit(&shown, "/api/place_order", &address()).await;
    assert!(pay.path.ends_with("/pay"), "{}", pay.path);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_withdrawn_while_it_lies_in_the_basket_is_named_and_not_ordered() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let emma = shop.edition("emma").await;
    browser.add(emma, 1).await;
    let stale = browser.get("/checkout").await;
    shop.execute("delete from offer where price = 999").await;
    let shown = browser.submit(&stale, "/api/place_order", &address()).await;
    assert!(shown.words().contains("is not sold any more: please remove it"), "{}", shown.words());
    let basket = browser.get("/basket").await;
    assert!(basket.words().contains("Not sold any more"), "{}", basket.words());
    let api = browser.as_api();
    assert_eq!(api.get("/api/basket").await.json()["obstacle"]["code"], "withdrawn");
    assert_eq!(api.add(emma, 1).await.status, 404);
    let emptied = api.post_json("/api/set_quantity", &json!({"edition": emma, "quantity": 0})).await;
    assert_eq!(emptied.json()["lines"], json!([]));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delivery_and_codes_that_cannot_be_change_nothing() {
    let shop = TestShop::open().await;
    let api = shop.api();
    api.add(shop.edition("emma").await, 1).await;
    let before = shop.snapshot().await;
    for (function, body, status, problem) in [
        ("set_delivery", json!({"way": "ship", "country": "XX"}), 422, "invalid"),
        ("set_delivery", json!({"way": "ship", "country": "at"}), 422, "invalid"),
        ("set_delivery", json!({"way": "fly", "country": "AT"}), 400, "malformed"),
        ("set_delivery", json!({"way": "collect", "country": "AT"}), 422, "invalid"),
        ("add_code", json!({"code": ""}), 422, "invalid"),
        ("add_code", json!({"code": "' or 1=1 --"}), 422, "invalid"),
        ("add_code", json!({"code": "x".repeat(5000)}), 422, "invalid"),
        ("add_code", json!({"code": "A", "discount": 100}), 400, "malformed"),
        ("remove_code", json!({"kind": "everything"}), 400, "malformed"),
    ] {
        let answer = api.post_json(&format!("/api/{function}"), &body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, problem), "{function} {body}");
    }
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}
