//! What a shop meets at the API.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{self, TestBank, now, path};

#[tokio::test]
async fn an_authorisation_can_be_cancelled_and_a_capture_refunded_in_parts() {
    let bank = TestBank::open().await;
    let cancelled = bank.authorised().await;
    let answer = bank.post(&path(&cancelled, "cancel"), &[("cancellation_reason", "abandoned")], None).await;
    assert_eq!(answer.json["status"], "canceled");
    assert_eq!(bank.post(&path(&cancelled, "capture"), &[], None).await.status, 400);

    let intent = bank.authorised().await;
    let id = intent["id"].as_str().unwrap();
    let early = bank.post("/v1/refunds", &[("payment_intent", id)], None).await;
    assert_eq!(early.status, 400);
    bank.capture(&intent, &[("amount_to_capture", "2000")]).await;
    assert_eq!(bank.post(&path(&intent, "cancel"), &[], None).await.status, 400);
    let part = [("payment_intent", id), ("amount", "500"), ("metadata[refund]", "r-1")];
    assert_eq!(bank.post("/v1/refunds", &part, None).await.json["status"], "succeeded");
    let much = bank.post("/v1/refunds", &[("payment_intent", id), ("amount", "1501")], None).await;
    assert_eq!(much.status, 400);
    let rest = bank.post("/v1/refunds", &[("payment_intent", id)], None).await;
    assert_eq!(rest.json["amount"], 1500);
    let none = bank.post("/v1/refunds", &[("payment_intent", id)], None).await;
    assert_eq!(none.json["error"]["code"], "charge_already_refunded");

    let refunds = bank.get(&format!("/v1/refunds?payment_intent={id}")).await.json;
    assert_eq!(refunds["data"].as_array().unwrap().len(), 2);
    assert_eq!(refunds["data"][1]["metadata"]["refund"], "r-1");
    let one = format!("/v1/refunds/{}", rest.json["id"].as_str().unwrap());
    assert_eq!(bank.get(&one).await.json, rest.json);
    assert_eq!(
        bank.ledger().await["totals"]["eur"],
        json!({
            "authorised": 4996, "captured": 2000, "refunded": 2000, "withdrawn": 0, "reinstated": 0, "net": 0
        })
    );
}

#[tokio::test]
async fn intents_are_confirmed_by_token() {
    let bank = TestBank::open().await;
    let create = [("amount", "900"), ("currency", "eur"), ("capture_method", "manual")];
    let intent = bank.post("/v1/payment_intents", &create, None).await.json;
    assert_eq!(intent["status"], "requires_payment_method");
    let bare = bank.post(&path(&intent, "confirm"), &[], None).await;
    assert_eq!(bare.json["error"]["code"], "payment_intent_unexpected_state");
    let with = |token: &'static str| [("payment_method", token), ("return_url", "http://shop.test/back")];
    let declined = bank.post(&path(&intent, "confirm"), &with("pm_card_visa_chargeDeclined"), None).await;
    assert_eq!(declined.status, 402);
    assert_eq!(declined.json["error"]["type"], "card_error");
    assert_eq!(declined.json["error"]["payment_intent"]["id"], intent["id"]);
    let asks = bank.post(&path(&intent, "confirm"), &with("pm_card_threeDSecure2Required"), None).await;
    assert_eq!(asks.json["status"], "requires_action");
    let address = asks.json["next_action"]["redirect_to_url"]["url"].as_str().unwrap();
    let back = bank.submit(address, &[("decision", "approve")]).await;
    assert_eq!(back.location, "http://shop.test/back");
    let read = bank.get(&path(&intent, "")).await.json;
    assert_eq!(read["status"], "requires_capture");
    assert_eq!(bank.post(&path(&intent, "confirm"), &with("pm_card_visa"), None).await.status, 400);

    let at_once = [("amount", "700"), ("currency", "eur"), ("confirm", "true"), ("payment_method", "pm_card_visa")];
    let paid = bank.post("/v1/payment_intents", &at_once, None).await.json;
    assert_eq!(paid["status"], "succeeded");
    let listed = bank.get(&format!("/v1/payment_intents?limit=1&created[gte]={}", now() - 60)).await.json;
    assert_eq!(listed["data"][0]["id"], paid["id"]);
    assert_eq!(listed["has_more"], true);
    let next = format!("/v1/payment_intents?starting_after={}", paid["id"].as_str().unwrap());
    assert_eq!(bank.get(&next).await.json["data"][0]["id"], intent["id"]);
    assert_eq!(bank.get("/v1/payment_intents?created[lt]=1000").await.json["data"], json!([]));
}

#[tokio::test]
async fn a_wrong_request_is_refused_and_says_why() {
    let bank = TestBank::open().await;
    let missing = bank.get("/v1/payment_intents/pi_none").await;
    assert_eq!((missing.status, &missing.json["error"]["code"]), (StatusCode::NOT_FOUND, &json!("resource_missing")));
    assert_eq!(bank.get("/v1/nothing").await.status, 404);
    let anonymous = bank.http.get(format!("{}/v1/events", bank.url)).send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
    let anonymous = bank.http.get(format!("{}/control/ledger", bank.url)).send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
    let soon = (now() + 29 * 60).to_string();
    let late = (now() + 24 * 3600 + 60).to_string();
    for (name, value, param) in [
        ("expires_at", soon.as_str(), "expires_at"),
        ("expires_at", late.as_str(), "expires_at"),
        ("success_url", "javascript:alert(1)", "success_url"),
        ("mode", "subscription", "mode"),
        ("line_items[0][quantity]", "0", "line_items[0][quantity]"),
        ("line_items[0][quantity]", "-1", "line_items[0][quantity]"),
        ("line_items[0][price_data][unit_amount]", "1.5", "line_items[0][price_data][unit_amount]"),
        ("line_items[0][price_data][unit_amount]", "1", "line_items"),
        ("line_items[0][price_data][unit_amount]", "99999999", "line_items"),
        ("line_items[1][quantity]", "1", "line_items[1][price_data][currency]"),
        ("payment_intent_data[capture_method]", "later", "payment_intent_data[capture_method]"),
        ("colour", "red", "colour"),
    ] {
        let refused = bank.try_session(&[(name, value)]).await;
        assert_eq!(refused.status, 400, "{name}={value}");
        assert_eq!(refused.json["error"]["param"], param, "{name}={value}: {}", refused.json);
    }
    let json = bank.http.post(format!("{}/v1/refunds", bank.url)).bearer_auth(support::KEY);
    assert_eq!(json.json(&json!({})).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn one_key_is_one_execution() {
    let bank = TestBank::open().await;
    let create = [("amount", "900"), ("currency", "eur")];
    let wrong = bank.post("/v1/payment_intents", &[("amount", "x")], Some("k1")).await;
    assert_eq!(wrong.status, 400);
    let first = bank.post("/v1/payment_intents", &create, Some("k1")).await;
    assert_eq!(first.status, 200, "a refused form does not use up the key");
    let reordered = [("currency", "eur"), ("amount", "900")];
    let second = bank.post("/v1/payment_intents", &reordered, Some("k1")).await;
    assert_eq!((second.body, second.replayed), (first.body, true));
    let other = bank.post("/v1/payment_intents", &[("amount", "901"), ("currency", "eur")], Some("k1")).await;
    assert_eq!((other.status, &other.json["error"]["type"]), (StatusCode::BAD_REQUEST, &json!("idempotency_error")));
    let elsewhere = bank.post(&path(&first.json, "cancel"), &[], Some("k1")).await;
    assert_eq!(elsewhere.json["error"]["type"], "idempotency_error");
    assert_eq!(bank.ledger().await["intents"].as_array().unwrap().len(), 1);

    let decline = [
        ("amount", "900"),
        ("currency", "eur"),
        ("confirm", "true"),
        ("payment_method", "pm_card_visa_chargeDeclined"),
    ];
    assert_eq!(bank.post("/v1/payment_intents", &decline, Some("k2")).await.status, 402);
    let replay = bank.post("/v1/payment_intents", &decline, Some("k2")).await;
    assert_eq!((replay.status.as_u16(), replay.replayed), (402, true));

    bank.faults(&json!([{"endpoint": "POST /v1/payment_intents", "effect": "delay", "ms": 500}])).await;
    let (slow, quick) = tokio::join!(bank.post("/v1/payment_intents", &create, Some("k3")), async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        bank.post("/v1/payment_intents", &create, Some("k3")).await
    });
    assert_eq!(slow.status, 200);
    assert_eq!((quick.status, &quick.json["error"]["code"]), (StatusCode::CONFLICT, &json!("idempotency_key_in_use")));
    assert!(bank.post("/v1/payment_intents", &create, Some("k3")).await.replayed);
    assert_eq!(bank.post("/v1/payment_intents", &create, Some(&"k".repeat(256))).await.status, 400);
}

#[tokio::test]
async fn an_authorisation_that_has_expired_is_never_captured_and_can_be_given_up() {
    let bank = TestBank::open().await;
    for by_hand in [false, true] {
        let session = bank.session(&[]).await;
        assert_eq!(bank.pay(&session, "4000000000005019").await.status, 303);
        let intent = bank.intent_of(&bank.read_session(&session).await).await;
        assert_eq!(intent["status"], "requires_capture");
        let refused = bank.post(&path(&intent, "capture"), &[], None).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json["error"]["code"]),
            (400, &json!("charge_expired_for_capture"))
        );
        let given_up = if by_hand {
            bank.post("/control/cancels", &[("payment_intent", intent["id"].as_str().unwrap())], None).await
        } else {
            bank.post(&path(&intent, "cancel"), &[], None).await
        };
        assert_eq!(given_up.json["status"], "canceled", "{}", given_up.body);
    }
}
