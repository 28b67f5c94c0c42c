//! Money given back, by us and by hand.

use purchase::payment::{Bank, BankError, Refund, RefundReason, RefundRequest, RefundState};

use crate::support::{TestBank, VISA, key, part};

async fn refund(bank: &TestBank, request: &RefundRequest<'_>) -> Result<Refund, BankError> {
    bank.stripe.refund(&key(), &bank.stripe.refund_body(request)).await
}

#[tokio::test]
async fn a_payment_is_refunded_in_parts_and_never_beyond_what_was_taken() {
    let bank = TestBank::open().await;
    let intent = bank.captured(VISA, 1000).await;
    let (first, second) = (part(&intent, 400), part(&intent, 600));
    let one = refund(&bank, &first).await.unwrap();
    assert_eq!((one.amount, one.state, one.ours), (400, RefundState::Succeeded, Some(first.refund)));
    let much = refund(&bank, &part(&intent, 601)).await.unwrap_err();
    // Stripe has no code for this one, but its type.
    assert!(matches!(&much, BankError::Refused { code } if code == "invalid_request_error"), "{much}");
    let sent_back = RefundRequest { reason: Some(RefundReason::RequestedByCustomer), ..second };
    let two = refund(&bank, &sent_back).await.unwrap();
    let over = refund(&bank, &part(&intent, 1)).await.unwrap_err();
    assert!(matches!(&over, BankError::Refused { code } if code == "charge_already_refunded"), "{over}");
    assert_eq!(bank.stripe.refunds_of(&intent).await.unwrap(), [two, one]);
    assert_eq!(bank.ledger().await["totals"]["eur"]["net"], 0);
}

#[tokio::test]
async fn a_lost_answer_and_the_same_key_are_the_same_refund() {
    let bank = TestBank::open().await;
    let intent = bank.captured(VISA, 1000).await;
    let request = part(&intent, 400);
    let (body, giving) = (bank.stripe.refund_body(&request), key());
    bank.fault("POST /v1/refunds", "act_then_drop").await;
    let lost = bank.stripe.refund(&giving, &body).await.unwrap_err();
    assert!(matches!(lost, BankError::Unclear(_)), "{lost}");
    let refund = bank.stripe.refund(&giving, &body).await.unwrap();
    assert_eq!(bank.stripe.refund(&giving, &body).await.unwrap(), refund);
    assert_eq!(bank.stripe.refunds_of(&intent).await.unwrap(), [refund]);

    // An answer that stays broken: our id in the metadata tells that it was done.
    let other = part(&intent, 100);
    let (body, giving) = (bank.stripe.refund_body(&other), key());
    bank.fault("POST /v1/refunds", "act_then_500").await;
    for _ in 0..2 {
        assert!(matches!(bank.stripe.refund(&giving, &body).await, Err(BankError::KeySpent)));
    }
    let refunds = bank.stripe.refunds_of(&intent).await.unwrap();
    assert_eq!(refunds.iter().filter(|refund| refund.ours == Some(other.refund)).count(), 1);
    assert_eq!(bank.ledger().await["totals"]["eur"]["refunded"], 500);
}

#[tokio::test]
async fn a_refund_by_hand_is_seen_and_is_not_ours() {
    let bank = TestBank::open().await;
    let intent = bank.captured(VISA, 1000).await;
    bank.control("refunds", &[("payment_intent", &intent), ("amount", "300")]).await;
    let refunds = bank.stripe.refunds_of(&intent).await.unwrap();
    assert_eq!(refunds.len(), 1);
    assert_eq!((refunds[0].amount, refunds[0].ours), (300, None));
}

#[tokio::test]
async fn a_slow_refund_is_pending_and_one_that_fails_brings_the_money_back() {
    let bank = TestBank::open().await;
    let slow = bank.captured("pm_card_pendingRefund", 1000).await;
    let failing = bank.captured("pm_card_refundFail", 1000).await;
    assert_eq!(refund(&bank, &part(&slow, 1000)).await.unwrap().state, RefundState::Pending);
    assert_eq!(refund(&bank, &part(&failing, 1000)).await.unwrap().state, RefundState::Succeeded);
    let state = async |intent: &str| bank.stripe.refunds_of(intent).await.unwrap()[0].state;
    bank.until(async || state(&slow).await == RefundState::Succeeded).await;
    bank.until(async || state(&failing).await == RefundState::Failed).await;
    assert_eq!(bank.ledger().await["totals"]["eur"]["net"], 1000);
}

#[tokio::test]
async fn the_refunds_of_a_payment_are_read_to_the_last_page() {
    let bank = TestBank::open().await;
    let intent = bank.captured(VISA, 1000).await;
    for _ in 0..103 {
        bank.control("refunds", &[("payment_intent", &intent), ("amount", "1")]).await;
    }
    refund(&bank, &part(&bank.captured(VISA, 900).await, 900)).await.unwrap();
    let refunds = bank.stripe.refunds_of(&intent).await.unwrap();
    assert_eq!(refunds.len(), 103);
    assert_eq!(refunds.iter().map(|refund| refund.amount).sum::<i64>(), 103);
}
