//! What the bank says by itself: twice, late, never; and what others say in its name.

use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde_json::json;

use crate::harness::{Answer, DELIVERY, PAYS, TestBank, TestShop, within};

/// PURCHASE 28.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_come_twice_or_in_any_order_sell_once() {
    let shop = TestShop::open().await;
    for fault in [r#"[{"webhooks": "twice"}]"#, r#"[{"webhooks": "shuffled", "ms": 300}]"#] {
        shop.bank.faults(fault).await;
        shop.browser().buy(&shop, "emma", 1).await;
    }
    within("every event has come", async || shop.bank.ledger().await["undelivered_events"] == 0).await;
    assert_eq!(shop.stock("emma").await.sell_count, 2);
    assert_eq!(shop.count("select count(*) from outbox").await, 2);
    shop.close().await;
}

/// PURCHASE 29: all events of one payment at once, at two servers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_that_hear_it_at_once_sell_once() {
    let mut shop = TestShop::open().await;
    shop.bank.faults(r#"[{"webhooks": "twice"}]"#).await;
    shop.second_server().await;
    for _ in 0..4 {
        shop.browser().buy(&shop, "emma", 1).await;
    }
    assert_eq!(shop.stock("emma").await.sell_count, 4);
    shop.until_captured().await;
    assert_eq!(shop.bank.captured().await, 4 * (999 + DELIVERY));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_that_never_says_anything_is_asked() {
    let shop = TestShop::open().await;
    shop.bank.faults(r#"[{"webhooks": "never"}]"#).await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    assert_eq!(shop.bank.pay(&browser.pay_page(&link).await, PAYS).await.0, 303);
    shop.hurry().await;
    shop.until_order(&link, "paid").await;
    assert_eq!(shop.count("select count(*) from webhook_event").await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bank_has_not_signed_now_changes_nothing() {
    let shop = TestShop::open().await;
    let link = shop.browser().order(&shop, "emma", 1).await;
    within("the bank has said all", async || shop.bank.ledger().await["undelivered_events"] == 0).await;
    let attempt: String =
        sqlx::query_scalar("select hex(id) from payment_attempt").fetch_one(shop.database().pool()).await.unwrap();
    let event = json!({
        "id": "evt_forged", "type": "checkout.session.completed",
        "data": {"object": {"metadata": {"attempt": attempt.to_lowercase()}}},
    })
    .to_string();
    let before = shop.snapshot().await;
    let genuine = TestBank::sign(&event, now());
    let (_, hex) = genuine.split_once(",v1=").unwrap();
    let forged = format!("t={},v1={}", now(), "0".repeat(64));
    let later = format!("t={},v1={hex}", now() + 1);
    for (signature, body) in [
        (String::new(), event.clone()),
        (forged, event.clone()),
        (later, event.clone()),
        (TestBank::sign(&event, now() - 301), event.clone()),
        (TestBank::sign(&event, now() + 360), event.clone()),
        (genuine.replace("v1=", "v0="), event.clone()),
        (genuine.clone(), event.replace("completed", "complete!")),
        (TestBank::sign("{", now()), "{".to_owned()),
        (TestBank::sign("[]", now()), "[]".to_owned()),
        (TestBank::sign("{\"id\": 1}", now()), "{\"id\": 1}".to_owned()),
    ] {
        let answer = tell(&shop, &signature, &body).await;
        assert_eq!(answer.status, 400, "{signature} {body}");
    }
    let large = format!("{{\"id\": \"{}\"}}", "x".repeat(300_000));
    assert_eq!(tell(&shop, &TestBank::sign(&large, now()), &large).await.status, 413);
    assert_eq!(shop.api().get("/webhooks/stripe").await.status, 405);
    assert_eq!(shop.snapshot().await, before);
    assert_eq!(shop.order_state(&link).await, "awaiting_payment");
    shop.close().await;
}

/// A webhook only says when to ask: what counts is what the bank then answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_event_that_says_paid_sells_nothing_that_is_not_paid() {
    let shop = TestShop::open().await;
    let link = shop.browser().order(&shop, "emma", 1).await;
    let attempt: Vec<u8> =
        sqlx::query_scalar("select id from payment_attempt").fetch_one(shop.database().pool()).await.unwrap();
    for (id, attempt) in [("evt_early", Some(uuid::Uuid::from_slice(&attempt).unwrap())), ("evt_unknown", None)] {
        let attempt = attempt.unwrap_or_else(uuid::Uuid::now_v7);
        let event = json!({
            "id": id, "type": "checkout.session.completed",
            "data": {"object": {"status": "complete", "payment_status": "paid", "metadata": {"attempt": attempt}}},
        })
        .to_string();
        assert_eq!(tell(&shop, &TestBank::sign(&event, now()), &event).await.status, 200);
        assert_eq!(tell(&shop, &TestBank::sign(&event, now()), &event).await.status, 200, "and once more");
    }
    let elses = json!({"id": "evt_else", "type": "charge.dispute.created", "data": {"object": {}}}).to_string();
    assert_eq!(tell(&shop, &TestBank::sign(&elses, now()), &elses).await.status, 200, "what is not ours is taken");
    within("the worker has looked", async || {
        shop.count("select count(*) from payment_attempt where settle_at > utc_timestamp(6)").await == 1
    })
    .await;
    assert_eq!(shop.order_state(&link).await, "awaiting_payment");
    assert_eq!(
        shop.count("select count(*) from webhook_event where id like 'evt\\_%ly' or id like 'evt\\_unknown'").await,
        2
    );
    shop.close().await;
}

async fn tell(shop: &TestShop, signature: &str, body: &str) -> Answer {
    let client = shop.api();
    let request = client.bare_request(Method::POST, "/webhooks/stripe").body(body.to_owned());
    client.send(request.header("Stripe-Signature", signature)).await
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed()
}
