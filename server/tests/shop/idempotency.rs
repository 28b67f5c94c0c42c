//! The idempotency keys of API clients, as they meet them over HTTP (PURCHASE 1 to 14, 32, 35).

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestShop, address};

const ADDRESS: &str = "/api/place_order";

/// A program with a copy in its basket, and the order that it would place.
async fn buyer(shop: &TestShop, key: &str, method: Option<&str>) -> (Client, Value) {
    let api = shop.api();
    assert_eq!(api.add(shop.edition(key).await, 1).await.status, 200);
    let order = order(&api, method).await;
    (api, order)
}

async fn order(api: &Client, method: Option<&str>) -> Value {
    let mut order: serde_json::Map<_, _> =
        address().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    order.insert("token".to_owned(), api.checkout_token().await.into());
    order.insert("payment_method".to_owned(), json!(method));
    order.into()
}

async fn under(api: &Client, key: &str, order: &Value) -> Answer {
    api.post_json_under(key, ADDRESS, order).await
}

/// What of an answer must be the same for ever.
fn lasting(answer: &Answer) -> (u16, String, String) {
    (answer.status, answer.location().to_owned(), answer.body.clone())
}

/// PURCHASE 1, 2: byte for byte, whatever has become of the order since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_has_the_same_status_address_and_body_whatever_has_happened_since() {
    let shop = TestShop::open().await;
    for method in [Some("pm_card_visa"), None] {
        let (api, order) = buyer(&shop, "emma", method).await;
        let first = under(&api, "k1", &order).await;
        assert_eq!((first.status, first.header("idempotent-replayed")), (200, ""), "{first:?}");
        assert_eq!(first.json()["paid"], json!(method.is_some()));
        let again = under(&api, "k1", &order).await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(lasting(&again), lasting(&first));
        let link = first.order_link();
        if method.is_some() {
            shop.until_captured().await;
        }
        api.cancel(&link).await;
        let end = if method.is_some() { "refunded" } else { "cancelled" };
        shop.until_order(&link, end).await;
        assert_eq!(lasting(&under(&api, "k1", &order).await), lasting(&first));
    }
    shop.until_refunded().await;
    shop.close().await;
}

/// PURCHASE 4, 5, 6, 11: one key, one content; spellings of JSON are no content.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_stands_for_another_content_is_refused_and_the_first_order_stays() {
    let shop = TestShop::open().await;
    let (api, order) = buyer(&shop, "emma", Some("pm_card_visa")).await;
    let first = under(&api, "k1", &order).await;
    for (field, value) in
        [("city", "Elsewhere"), ("payment_method", "pm_card_slow"), ("email", "other@shopper.example")]
    {
        let mut other = order.clone();
        other[field] = json!(value);
        let refused = under(&api, "k1", &other).await;
        assert_eq!((refused.status, refused.problem().as_str()), (422, "key_reused"), "{field}");
    }
    let respelt = format!("  {}  ", order.to_string().replace(',', " ,\n"));
    let request = api.request(Method::POST, ADDRESS).header("Idempotency-Key", "k1");
    let respelt = api.send(request.header("Content-Type", "application/json").body(respelt)).await;
    assert_eq!(lasting(&respelt), lasting(&first));
    let (stranger, theirs) = buyer(&shop, "emma", Some("pm_card_visa")).await;
    assert_ne!(under(&stranger, "k1", &theirs).await.order_link(), first.order_link());
    shop.until_captured().await;
    shop.close().await;
}

/// PURCHASE 7, 8, 9, 10.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_one_key_is_refused_and_orders_nothing() {
    let shop = TestShop::open().await;
    let (api, order) = buyer(&shop, "emma", None).await;
    let bare = api.send(api.request(Method::POST, ADDRESS).json(&order)).await;
    assert_eq!((bare.status, bare.problem().as_str()), (400, "key_missing"));
    for key in ["", "\"\"", &"k".repeat(256), "\"a\";p=1", "\"a", "a, b"] {
        let refused = under(&api, key, &order).await;
        assert_eq!((refused.status, refused.problem().as_str()), (400, "key_malformed"), "{key:?}");
    }
    let request = api.request(Method::POST, ADDRESS).header("Idempotency-Key", &b"schl\xc3\xbcssel"[..]);
    assert_eq!(api.send(request.json(&order)).await.problem(), "key_malformed");
    let request = api.request(Method::POST, ADDRESS).header("Idempotency-Key", "a").header("Idempotency-Key", "b");
    assert_eq!(api.send(request.json(&order)).await.problem(), "key_malformed");
    assert_eq!(shop.count("select count(*) from orders").await, 0);
    let quoted = under(&api, "\"k1\"", &order).await;
    assert_eq!(under(&api, "k1", &order).await.header("idempotent-replayed"), "true");
    assert_eq!(under(&api, "K1", &order).await.order_link(), quoted.order_link(), "another key, but the same basket");
    shop.close().await;
}

/// PURCHASE 12, 32: a refusal before anything was begun leaves the key free.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_acceptable_may_be_corrected_under_the_same_key() {
    let shop = TestShop::open().await;
    let (api, order) = buyer(&shop, "emma", Some("pm_card_visa")).await;
    for (field, value, status) in [("email", "nobody", 422), ("payment_method", "pm card", 422), ("token", "x", 400)] {
        let mut wrong = order.clone();
        wrong[field] = json!(value);
        assert_eq!(under(&api, "k1", &wrong).await.status, status, "{field}");
    }
    let nobody = shop.api();
    assert_eq!(under(&nobody, "k1", &order).await.problem(), "empty_basket");
    assert_eq!(under(&api, "k1", &order).await.status, 200);
    shop.until_captured().await;
    shop.close().await;
}

/// PURCHASE 13, 14: declined and sold out are remembered, and a new key tries again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_replayed_and_a_new_key_tries_again() {
    let shop = TestShop::open().await;
    let (api, declined) = buyer(&shop, "emma", Some("pm_card_chargeDeclinedInsufficientFunds")).await;
    let first = under(&api, "k1", &declined).await;
    assert_eq!((first.status, first.problem().as_str()), (402, "declined"), "{first:?}");
    assert_eq!(first.json()["reason"], "insufficient_funds");
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = under(&api, "k1", &declined).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(lasting(&again), lasting(&first));
    assert_eq!(shop.stock("emma").await.held, 0);
    let order_anew = order(&api, Some("pm_card_visa")).await;
    assert_eq!(under(&api, "k2", &order_anew).await.status, 200);

    let (slow, late) = buyer(&shop, "middlemarch", Some("pm_card_visa")).await;
    shop.api().order(&shop, "middlemarch", 1).await;
    let first = under(&slow, "k1", &late).await;
    assert_eq!((first.status, first.problem().as_str()), (409, "sold_out"));
    shop.execute("update stock set allowance = 5").await;
    let again = under(&slow, "k1", &late).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(lasting(&again), lasting(&first));
    let order_anew = order(&slow, Some("pm_card_visa")).await;
    assert_eq!(under(&slow, "k2", &order_anew).await.status, 200);
    shop.until_captured().await;
    shop.close().await;
}

/// PURCHASE 35.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_get_takes_no_notice_of_the_header() {
    let shop = TestShop::open().await;
    let api = shop.api();
    for _ in 0..2 {
        let found = api.send(api.request(Method::GET, "/api/search?q=emma").header("Idempotency-Key", "\"")).await;
        assert_eq!((found.status, found.header("idempotent-replayed")), (200, ""));
    }
    shop.close().await;
}
