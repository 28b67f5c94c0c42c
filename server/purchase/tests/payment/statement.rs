//! What the bank's books say: payments since a moment, and disputes.

use std::collections::HashSet;

use purchase::payment::{Bank, BankError, DisputeState, IntentState};
use time::{Duration, OffsetDateTime};

use crate::support::{DECLINED, TestBank, VISA, key, order, part};

fn a_minute_ago() -> OffsetDateTime {
    OffsetDateTime::now_utc() - Duration::minutes(1)
}

#[tokio::test]
async fn the_statement_tells_what_was_taken_and_given_back() {
    let bank = TestBank::open().await;
    let request = order(1000);
    let paid = bank.stripe.create_intent(&key(), &bank.stripe.intent_body(&request)).await.unwrap();
    bank.confirm(&paid, VISA).await;
    bank.stripe.capture(&key(), &paid).await.unwrap();
    bank.stripe.refund(&key(), &bank.stripe.refund_body(&part(&paid, 250))).await.unwrap();
    let given_up = bank.created(700).await;
    bank.confirm(&given_up, VISA).await;
    bank.stripe.cancel(&key(), &given_up).await.unwrap();
    let declined = bank.created(500).await;
    bank.confirm(&declined, DECLINED).await;

    let statement = bank.stripe.payments_since(a_minute_ago()).await.unwrap();
    let [third, second, first] = statement.as_slice() else { panic!("{statement:?}") };
    assert_eq!((&first.id, first.attempt), (&paid, Some(request.attempt)));
    assert_eq!((first.amount, first.captured, first.refunded), (1000, 1000, 250));
    assert_eq!((first.currency.as_str(), &first.state), ("EUR", &IntentState::Captured));
    assert!(first.created > a_minute_ago());
    assert_eq!((second.captured, second.refunded, &second.state), (0, 0, &IntentState::Canceled));
    assert_eq!(third.state, IntentState::Declined { code: "generic_decline".into() });
    let later = OffsetDateTime::now_utc() + Duration::minutes(1);
    assert_eq!(bank.stripe.payments_since(later).await.unwrap(), []);
}

#[tokio::test]
async fn the_statement_is_read_to_the_last_page_and_knows_payments_that_are_not_ours() {
    let bank = TestBank::open().await;
    for _ in 0..204 {
        bank.created(900).await;
    }
    let foreign = "amount=900&currency=eur&metadata%5Border%5D=another+shop";
    bank.stripe.create_intent(&key(), foreign).await.unwrap();
    let statement = bank.stripe.payments_since(a_minute_ago()).await.unwrap();
    assert_eq!(statement.iter().map(|payment| &payment.id).collect::<HashSet<_>>().len(), 205);
    assert_eq!(statement[0].attempt, None);
    assert!(statement[1..].iter().all(|payment| payment.attempt.is_some()));
}

#[tokio::test]
async fn a_dispute_is_read_from_its_beginning_to_its_end() {
    let bank = TestBank::open().await;
    let intent = bank.captured("pm_card_createDispute", 1000).await;
    bank.until(async || !bank.stripe.disputes_since(a_minute_ago()).await.unwrap().is_empty()).await;
    let dispute = bank.stripe.disputes_since(a_minute_ago()).await.unwrap().remove(0);
    assert_eq!((dispute.intent.as_deref(), dispute.amount), (Some(intent.as_str()), 1000));
    assert_eq!((&dispute.state, dispute.reason.as_str()), (&DisputeState::NeedsResponse, "fraudulent"));
    let refund = bank.stripe.refund(&key(), &bank.stripe.refund_body(&part(&intent, 1000))).await;
    assert!(matches!(&refund, Err(BankError::Refused { code }) if code == "charge_disputed"), "{refund:?}");
    let path = format!("disputes/{}", dispute.id);
    for (status, state) in [("under_review", DisputeState::UnderReview), ("won", DisputeState::Won)] {
        bank.control(&path, &[("status", status)]).await;
        assert_eq!(bank.stripe.dispute(&dispute.id).await.unwrap().state, state);
    }
    let other = bank.captured(VISA, 600).await;
    let lost = bank.control("disputes", &[("payment_intent", &other), ("reason", "product_not_received")]).await;
    let lost = lost["id"].as_str().unwrap();
    bank.control(&format!("disputes/{lost}"), &[("status", "lost")]).await;
    let read = bank.stripe.dispute(lost).await.unwrap();
    assert_eq!((read.state, read.reason.as_str()), (DisputeState::Lost, "product_not_received"));
    assert!(bank.stripe.dispute("du_none").await.is_err());
}

#[tokio::test]
async fn disputes_are_read_to_the_last_page_and_inquiries_are_told_apart() {
    let bank = TestBank::open().await;
    let intent = bank.captured(VISA, 1000).await;
    for _ in 0..102 {
        let form = [("payment_intent", intent.as_str()), ("amount", "1"), ("inquiry", "true")];
        bank.control("disputes", &form).await;
    }
    let disputes = bank.stripe.disputes_since(a_minute_ago()).await.unwrap();
    assert_eq!(disputes.len(), 102);
    let inquiry = DisputeState::Other("warning_needs_response".into());
    assert!(disputes.iter().all(|dispute| dispute.state == inquiry));
}
