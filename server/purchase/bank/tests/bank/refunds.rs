//! Refunds: whole, in parts, slow, failing, by hand, and in trouble.

use serde_json::{Value, json};

use crate::support::{Shop, TestBank, path};

#[tokio::test]
async fn what_cannot_be_refunded_is_refused_in_stripes_words() {
    let bank = TestBank::open().await;
    let intent = bank.captured("pm_card_visa", 1000).await;
    bank.refund(&intent, &[("amount", "400")], None).await.unwrap();
    let much = bank.refund(&intent, &[("amount", "601")], None).await.unwrap().json;
    assert_eq!((&much["error"]["param"], &much["error"]["code"]), (&json!("amount"), &Value::Null));
    assert!(much["error"]["message"].as_str().unwrap().contains("greater than unrefunded amount on charge"));
    assert_eq!(bank.refund(&intent, &[("amount", "0")], None).await.unwrap().status, 400);
    assert_eq!(bank.refund(&intent, &[("reason", "regret")], None).await.unwrap().status, 400);
    let rest = bank.refund(&intent, &[("reason", "requested_by_customer")], None).await.unwrap().json;
    assert_eq!((&rest["amount"], &rest["reason"]), (&json!(600), &json!("requested_by_customer")));
    let over = bank.refund(&intent, &[], None).await.unwrap();
    assert_eq!((over.status.as_u16(), &over.json["error"]["code"]), (400, &json!("charge_already_refunded")));
    let shown = bank.get(&format!("{}?expand[]=latest_charge", path(&intent, ""))).await.json;
    assert_eq!(shown["latest_charge"]["amount_refunded"], 1000);
    assert_eq!(shown["latest_charge"]["refunded"], true);
    assert_eq!(shown["status"], "succeeded", "a refund leaves the payment's state as it is");
}

#[tokio::test]
async fn a_slow_refund_succeeds_later_and_a_failing_one_brings_the_money_back() {
    let bank = TestBank::open().await;
    let slow = bank.captured("pm_card_pendingRefund", 1000).await;
    let failing = bank.captured("pm_card_refundFail", 700).await;
    let pending = bank.refund(&slow, &[], None).await.unwrap().json;
    assert_eq!(pending["status"], "pending");
    let broken = bank.refund(&failing, &[("amount", "300")], None).await.unwrap().json;
    assert_eq!(broken["status"], "succeeded");

    let bank = bank.restart_after(async |_| {}).await;
    let status = async |refund: &Value| {
        let path = format!("/v1/refunds/{}", refund["id"].as_str().unwrap());
        bank.get(&path).await.json["status"].as_str().unwrap().to_owned()
    };
    bank.until(async || status(&pending).await == "succeeded" && status(&broken).await == "failed").await;
    assert_eq!(bank.events("refund.updated").await.len(), 2);
    let failed = bank.events("refund.failed").await;
    assert_eq!(failed[0]["data"]["object"]["failure_reason"], "expired_or_canceled_card");
    assert_eq!(bank.ledger().await["totals"]["eur"]["net"], 700);
    assert_eq!(bank.refund(&failing, &[], None).await.unwrap().json["amount"], 700, "all of it can be refunded again");
}

#[tokio::test]
async fn a_refund_made_by_hand_reaches_the_shop_by_webhook() {
    let shop = Shop::open().await;
    let bank = TestBank::open_for(&shop).await;
    let intent = bank.captured("pm_card_visa", 1000).await;
    let form = [("payment_intent", intent["id"].as_str().unwrap()), ("amount", "250")];
    let by_hand = bank.post("/control/refunds", &form, None).await;
    assert_eq!((by_hand.status.as_u16(), &by_hand.json["metadata"]), (200, &json!({})));
    bank.until(async || bank.ledger().await["undelivered_events"] == 0).await;
    let told = |kind: &str| {
        let event = shop.received().into_iter().map(|received| serde_json::from_str::<Value>(&received.body).unwrap());
        event.into_iter().find(|event| event["type"] == kind).unwrap()["data"]["object"].clone()
    };
    assert_eq!(told("refund.created"), by_hand.json);
    let charge = told("charge.refunded");
    assert_eq!((&charge["payment_intent"], &charge["amount_refunded"]), (&intent["id"], &json!(250)));
    assert_eq!((&charge["metadata"]["attempt"], &charge["refunded"]), (&json!("a-1"), &json!(false)));
    assert_eq!(bank.ledger().await["refunds"], json!([by_hand.json]));
    let anonymous = bank.http.post(format!("{}/control/refunds", bank.url)).form(&form).send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
}

#[tokio::test]
async fn faults_strike_refunds_and_confirmations_too() {
    let bank = TestBank::open().await;
    let intent = bank.captured("pm_card_visa", 1000).await;
    let part = [("amount", "100")];
    let fault = async |endpoint: &str, effect: &str| {
        bank.faults(&json!([{"endpoint": endpoint, "effect": effect, "ms": 200}])).await;
    };
    let refunded = async || bank.ledger().await["totals"]["eur"]["refunded"].clone();
    fault("POST /v1/refunds", "refuse").await;
    assert_eq!(bank.refund(&intent, &part, Some("r1")).await.unwrap().status, 503);
    assert_eq!(refunded().await, 0);
    fault("POST /v1/refunds", "act_then_drop").await;
    assert!(bank.refund(&intent, &part, Some("r1")).await.is_err());
    assert!(bank.refund(&intent, &part, Some("r1")).await.unwrap().replayed);
    assert_eq!(refunded().await, 100);
    fault("POST /v1/refunds", "act_then_500").await;
    for _ in 0..2 {
        assert_eq!(bank.refund(&intent, &part, Some("r2")).await.unwrap().status, 500);
    }
    assert_eq!(refunded().await, 200);
    fault("POST /v1/refunds", "delay").await;
    assert_eq!(bank.refund(&intent, &part, Some("r3")).await.unwrap().status, 200);

    let create = [("amount", "900"), ("currency", "eur"), ("capture_method", "manual")];
    let fresh = bank.post("/v1/payment_intents", &create, None).await.json;
    let poor = [("payment_method", "pm_card_chargeDeclinedInsufficientFunds")];
    fault("POST /v1/payment_intents/{id}/confirm", "act_then_drop").await;
    assert!(bank.try_post(&path(&fresh, "confirm"), &poor, Some("c1")).await.is_err());
    let read = bank.get(&path(&fresh, "")).await.json;
    assert_eq!(read["last_payment_error"]["decline_code"], "insufficient_funds");
    let again = bank.post(&path(&fresh, "confirm"), &poor, Some("c1")).await;
    assert_eq!((again.status.as_u16(), again.replayed), (402, true));
    fault("POST /v1/payment_intents/{id}/confirm", "act_then_500").await;
    let pays = [("payment_method", "pm_card_visa")];
    assert_eq!(bank.post(&path(&fresh, "confirm"), &pays, Some("c2")).await.status, 500);
    assert_eq!(bank.get(&path(&fresh, "")).await.json["status"], "requires_capture");
}

#[tokio::test]
async fn an_authorisation_that_is_given_up_shows_as_a_refunded_charge() {
    let bank = TestBank::open().await;
    let intent = bank.authorised().await;
    bank.post(&path(&intent, "cancel"), &[], None).await;
    let listed = bank.get("/v1/payment_intents?expand[]=data.latest_charge").await.json;
    let charge = &listed["data"][0]["latest_charge"];
    assert_eq!((&charge["captured"], &charge["refunded"]), (&json!(false), &json!(true)));
    assert_eq!(charge["amount_refunded"], 2498);
    assert_eq!(bank.events("charge.refunded").await.len(), 1);
    assert_eq!(bank.ledger().await["totals"]["eur"]["refunded"], 0, "but no money was given back");
}

#[tokio::test]
async fn lists_go_on_after_the_last_one_named() {
    let bank = TestBank::open().await;
    let intent = bank.captured("pm_card_visa", 1000).await;
    for _ in 0..5 {
        bank.refund(&intent, &[("amount", "10")], None).await.unwrap();
    }
    let of = format!("/v1/refunds?payment_intent={}", intent["id"].as_str().unwrap());
    let first = bank.get(&format!("{of}&limit=3")).await.json;
    assert_eq!((first["data"].as_array().unwrap().len(), &first["has_more"]), (3, &json!(true)));
    let last = first["data"][2]["id"].as_str().unwrap();
    let second = bank.get(&format!("{of}&limit=3&starting_after={last}")).await.json;
    assert_eq!((second["data"].as_array().unwrap().len(), &second["has_more"]), (2, &json!(false)));
    assert_eq!(bank.get(&format!("{of}&limit=101")).await.status, 400);
    assert_eq!(bank.get(&format!("{of}&starting_after=re_none")).await.json["error"]["code"], "resource_missing");
    let created = intent["created"].as_i64().unwrap();
    assert_eq!(bank.list(&format!("/v1/payment_intents?created[gte]={created}&created[lte]={created}")).await.len(), 1);
    assert_eq!(bank.list(&format!("/v1/payment_intents?created[gt]={}", created + 60)).await.len(), 0);
    assert_eq!(bank.get("/v1/payment_intents?expand[]=data.customer").await.json["error"]["param"], "expand");
}
