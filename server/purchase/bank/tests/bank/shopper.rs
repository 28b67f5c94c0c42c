//! What a shopper meets on the hosted pages.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{ASKS, DECLINED, PAYS, POOR, TestBank, path};

#[tokio::test]
async fn a_shopper_pays_and_the_shop_captures() {
    let bank = TestBank::open().await;
    let session = bank.session(&[]).await;
    assert_eq!(session["status"], "open");
    assert_eq!(session["payment_status"], "unpaid");
    assert_eq!(session["payment_intent"], Value::Null);
    assert_eq!(session["amount_total"], 2498);

    let page = bank.page(&session).await;
    assert_eq!(page.status, 200);
    for text in ["The Hobbit", "EUR 24.98", "no money moves", "Pay EUR 24.98", "autocomplete=\"cc-number\""] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(page.policy.contains("form-action 'self' http://shop.test"), "{}", page.policy);

    let paid = bank.pay(&session, PAYS).await;
    assert_eq!(paid.status, 303);
    let id = session["id"].as_str().unwrap();
    assert_eq!(paid.location, format!("http://shop.test/thanks?session={id}"));

    let session = bank.read_session(&session).await;
    assert_eq!(session["status"], "complete");
    assert_eq!(session["payment_status"], "unpaid", "authorised, not captured");
    assert_eq!(session["url"], Value::Null);
    let intent = bank.intent_of(&session).await;
    assert_eq!(intent["status"], "requires_capture");
    assert_eq!(intent["amount_capturable"], 2498);
    assert_eq!(intent["metadata"]["order"], "B-1");

    let captured = bank.capture(&intent, &[]).await;
    assert_eq!(captured["status"], "succeeded");
    assert_eq!(captured["amount_received"], 2498);
    assert_eq!(bank.read_session(&session).await["payment_status"], "paid");
    let again = bank.post(&path(&intent, "capture"), &[], None).await;
    assert_eq!(again.status, 400);
    assert_eq!(again.json["error"]["code"], "payment_intent_unexpected_state");
    assert_eq!(bank.page(&session).await.status, 200);
}

#[tokio::test]
async fn a_declined_shopper_may_try_another_card() {
    let bank = TestBank::open().await;
    let session = bank.session(&[]).await;
    for (card, words) in [(DECLINED, "was declined"), (POOR, "insufficient funds")] {
        let answer = bank.pay(&session, card).await;
        assert_eq!(answer.status, 402);
        assert!(answer.body.contains(words) && answer.body.contains("role=\"alert\""));
        assert!(!answer.body.contains(&format!("value=\"{card}")));
    }
    let open = bank.read_session(&session).await;
    assert_eq!(open["status"], "open");
    let intent = bank.intent_of(&open).await;
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["last_payment_error"]["decline_code"], "insufficient_funds");
    let wrong = bank.pay(&session, "4242424242424241").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("aria-invalid"));

    assert_eq!(bank.pay(&session, PAYS).await.status, 303);
    let complete = bank.read_session(&session).await;
    assert_eq!(complete["payment_intent"], intent["id"], "one payment, however many attempts");
    assert_eq!(bank.ledger().await["totals"]["eur"]["authorised"], 2498);
}

#[tokio::test]
async fn paying_many_times_at_once_charges_once() {
    let bank = TestBank::open().await;
    let session = bank.session(&[]).await;
    let clicks = futures::future::join_all((0..8).map(|_| bank.pay(&session, PAYS))).await;
    assert!(clicks.iter().all(|answer| answer.status == 303));
    let ledger = bank.ledger().await;
    assert_eq!(ledger["intents"].as_array().unwrap().len(), 1);
    assert_eq!(ledger["totals"]["eur"]["authorised"], 2498);
    assert_eq!(bank.events("checkout.session.completed").await.len(), 1);
}

#[tokio::test]
async fn a_card_that_asks_is_paid_only_once_its_holder_approves() {
    let bank = TestBank::open().await;
    let session = bank.session(&[]).await;
    let asked = bank.pay(&session, ASKS).await;
    assert_eq!(asked.status, 303);
    let page = bank.browse(&asked.location).await;
    assert!(page.body.contains("Confirm that it is you") && page.body.contains("3155"));
    assert!(page.policy.contains("http://shop.test"));

    let refused = bank.submit(&asked.location, &[("decision", "refuse")]).await;
    assert_eq!(refused.location, session["url"].as_str().unwrap());
    assert!(bank.page(&session).await.body.contains("did not confirm"));
    let asked = bank.pay(&session, ASKS).await;
    let approved = bank.submit(&asked.location, &[("decision", "approve")]).await;
    assert!(approved.location.starts_with("http://shop.test/thanks"));
    assert_eq!(bank.submit(&asked.location, &[("decision", "refuse")]).await.location, approved.location);
    assert_eq!(bank.read_session(&session).await["status"], "complete");
}

#[tokio::test]
async fn an_expired_session_takes_no_money() {
    let bank = TestBank::open().await;
    let session = bank.session(&[]).await;
    assert_eq!(bank.pay(&session, DECLINED).await.status, 402);
    let expire = format!("/v1/checkout/sessions/{}/expire", session["id"].as_str().unwrap());
    let expired = bank.post(&expire, &[], None).await;
    assert_eq!((expired.status, &expired.json["status"]), (StatusCode::OK, &json!("expired")));
    assert_eq!(bank.post(&expire, &[], None).await.status, 400);
    let page = bank.pay(&session, PAYS).await;
    assert_eq!(page.status, 410);
    assert!(page.body.contains("http://shop.test/basket"));
    assert_eq!(bank.intent_of(&expired.json).await["status"], "canceled");
    assert_eq!(bank.events("checkout.session.expired").await.len(), 1);
    assert_eq!(bank.browse(&format!("{}/pay/cs_test_x", bank.url)).await.status, 404);

    let paid = bank.session(&[]).await;
    bank.pay(&paid, PAYS).await;
    let expire = format!("/v1/checkout/sessions/{}/expire", paid["id"].as_str().unwrap());
    assert_eq!(bank.post(&expire, &[], None).await.status, 400);
}
