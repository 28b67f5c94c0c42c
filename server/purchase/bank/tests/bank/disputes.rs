//! Disputes: by a test card, at the control desk, won, lost, and as an inquiry.

use serde_json::{Value, json};

use crate::support::{Shop, TestBank};

/// Opens a dispute of a payment at the control desk.
async fn contest(bank: &TestBank, intent: &Value, form: &[(&str, &str)]) -> Value {
    let form = [form, &[("payment_intent", intent["id"].as_str().unwrap())]].concat();
    let opened = bank.post("/control/disputes", &form, None).await;
    assert_eq!(opened.status, 200, "{}", opened.body);
    opened.json
}

async fn advance(bank: &TestBank, dispute: &Value, status: &str) -> u16 {
    let path = format!("/control/disputes/{}", dispute["id"].as_str().unwrap());
    bank.post(&path, &[("status", status)], None).await.status.as_u16()
}

async fn read(bank: &TestBank, dispute: &Value) -> Value {
    bank.get(&format!("/v1/disputes/{}", dispute["id"].as_str().unwrap())).await.json
}

#[tokio::test]
async fn a_card_that_disputes_does_so_after_the_capture_and_a_won_dispute_brings_the_money_back() {
    let shop = Shop::open().await;
    let bank = TestBank::open_for(&shop).await;
    let intent = bank.captured("pm_card_createDispute", 1000).await;
    let bank = bank.restart_after(async |_| {}).await;
    bank.until(async || !bank.list("/v1/disputes").await.is_empty()).await;
    let dispute = bank.list("/v1/disputes").await[0].clone();
    assert_eq!(dispute["payment_intent"], intent["id"]);
    assert_eq!((&dispute["status"], &dispute["reason"]), (&json!("needs_response"), &json!("fraudulent")));
    assert_eq!((&dispute["amount"], &dispute["is_charge_refundable"]), (&json!(1000), &json!(false)));
    assert_eq!(dispute["balance_transactions"][0]["amount"], -1000);
    assert_eq!(bank.ledger().await["totals"]["eur"]["net"], 0);
    let refused = bank.refund(&intent, &[], None).await.unwrap().json;
    assert_eq!(refused["error"]["code"], "charge_disputed");

    let bank = bank.restart_after(async |_| {}).await;
    assert_eq!(read(&bank, &dispute).await, dispute, "on the books");
    assert_eq!(advance(&bank, &dispute, "under_review").await, 200);
    assert_eq!(advance(&bank, &dispute, "won").await, 200);
    assert_eq!(read(&bank, &dispute).await["balance_transactions"][1]["amount"], 1000);
    let totals = &bank.ledger().await["totals"]["eur"];
    assert_eq!(
        (&totals["withdrawn"], &totals["reinstated"], &totals["net"]),
        (&json!(1000), &json!(1000), &json!(1000))
    );
    bank.until(async || bank.ledger().await["undelivered_events"] == 0).await;
    for kind in ["created", "funds_withdrawn", "updated", "closed", "funds_reinstated"] {
        assert!(shop.kinds().contains(&format!("charge.dispute.{kind}")), "{kind}: {:?}", shop.kinds());
    }
}

#[tokio::test]
async fn a_lost_dispute_keeps_the_money_and_is_over() {
    let bank = TestBank::open().await;
    let intent = bank.captured("pm_card_visa", 1000).await;
    let dispute = contest(&bank, &intent, &[("amount", "600"), ("reason", "product_not_received")]).await;
    assert_eq!(advance(&bank, &dispute, "lost").await, 200);
    for late in ["won", "under_review", "lost"] {
        assert_eq!(advance(&bank, &dispute, late).await, 400, "{late}");
    }
    assert_eq!(advance(&bank, &dispute, "forgotten").await, 400);
    assert_eq!(bank.ledger().await["totals"]["eur"]["net"], 400);
    let closed = bank.events("charge.dispute.closed").await;
    assert_eq!(closed[0]["data"]["object"]["status"], "lost");
    assert_eq!(bank.ledger().await["disputes"][0]["reason"], "product_not_received");
}

#[tokio::test]
async fn an_inquiry_takes_no_money_until_it_becomes_a_dispute() {
    let bank = TestBank::open().await;
    let intent = bank.captured("pm_card_visa", 1000).await;
    let inquiry = contest(&bank, &intent, &[("inquiry", "true")]).await;
    assert_eq!(inquiry["status"], "warning_needs_response");
    assert_eq!(bank.refund(&intent, &[("amount", "100")], None).await.unwrap().status, 200);
    assert_eq!(bank.ledger().await["totals"]["eur"]["withdrawn"], 0);
    assert_eq!(advance(&bank, &inquiry, "won").await, 400);
    assert_eq!(advance(&bank, &inquiry, "needs_response").await, 200);
    assert_eq!(bank.events("charge.dispute.funds_withdrawn").await.len(), 1);
    assert_eq!(bank.ledger().await["totals"]["eur"]["withdrawn"], 1000);

    let other = bank.captured("pm_card_createDisputeInquiry", 500).await;
    let of = format!("/v1/disputes?payment_intent={}", other["id"].as_str().unwrap());
    bank.until(async || !bank.list(&of).await.is_empty()).await;
    assert_eq!(advance(&bank, &bank.list(&of).await[0], "warning_closed").await, 200);
    assert_eq!(bank.list("/v1/disputes?limit=1").await.len(), 1);
    assert_eq!(bank.get("/v1/disputes/du_none").await.status, 404);
}

#[tokio::test]
async fn only_what_the_shop_has_can_be_disputed() {
    let bank = TestBank::open().await;
    let held = bank.authorised().await;
    let form = [("payment_intent", held["id"].as_str().unwrap())];
    assert_eq!(bank.post("/control/disputes", &form, None).await.status, 400);
    assert_eq!(bank.post("/control/disputes", &[("payment_intent", "pi_none")], None).await.status, 404);
    let anonymous = bank.http.post(format!("{}/control/disputes", bank.url)).form(&form).send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
}
