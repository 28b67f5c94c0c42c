//! Payments by a named method: created, tried, captured, given up.

use purchase::money::{Currency, Money};
use purchase::payment::{Bank, BankError, IntentRequest, IntentState, minimum};

use crate::support::{ASKS, CONFIRM, DECLINED, KEY, POOR, SLOW, TestBank, VISA, adapter, key, order};

fn refused(error: BankError) -> String {
    match error {
        BankError::Refused { code } => code,
        open => panic!("{open}"),
    }
}

fn declined(code: &str) -> IntentState {
    IntentState::Declined { code: code.to_owned() }
}

#[tokio::test]
async fn a_payment_is_created_tried_and_captured_and_reads_the_same_at_each_step() {
    let bank = TestBank::open().await;
    let intent = bank.created(1990).await;
    assert_eq!(bank.stripe.intent(&intent).await.unwrap(), IntentState::Unconfirmed);
    assert_eq!(bank.confirm(&intent, VISA).await, IntentState::Authorised);
    assert_eq!(bank.stripe.intent(&intent).await.unwrap(), IntentState::Authorised);
    assert_eq!(bank.ledger().await["totals"]["eur"]["captured"], 0, "set aside, not taken");
    assert_eq!(bank.stripe.capture(&key(), &intent).await.unwrap(), IntentState::Captured);
    assert_eq!(bank.stripe.intent(&intent).await.unwrap(), IntentState::Captured);
    let again = bank.stripe.capture(&key(), &intent).await.unwrap_err();
    assert_eq!(refused(again), "payment_intent_unexpected_state");
    let late = bank.stripe.cancel(&key(), &intent).await.unwrap_err();
    assert_eq!(refused(late), "payment_intent_unexpected_state");
}

#[tokio::test]
async fn a_declined_card_is_a_state_and_another_card_may_be_tried() {
    let bank = TestBank::open().await;
    let intent = bank.created(1990).await;
    for (card, code) in [(DECLINED, "generic_decline"), (POOR, "insufficient_funds")] {
        assert_eq!(bank.confirm(&intent, card).await, declined(code));
        assert_eq!(bank.stripe.intent(&intent).await.unwrap(), declined(code));
    }
    assert_eq!(bank.confirm(&intent, VISA).await, IntentState::Authorised);
    assert_eq!(bank.stripe.cancel(&key(), &intent).await.unwrap(), IntentState::Canceled);
    assert_eq!(bank.stripe.intent(&intent).await.unwrap(), IntentState::Canceled);
    let unknown = bank.stripe.confirm(&key(), &bank.created(900).await, "pm_none").await.unwrap_err();
    assert_eq!(refused(unknown), "resource_missing");
}

#[tokio::test]
async fn a_card_that_asks_and_a_slow_one_are_told_apart() {
    let bank = TestBank::open().await;
    let asks = bank.created(1990).await;
    assert_eq!(bank.confirm(&asks, ASKS).await, IntentState::ActionNeeded);
    assert_eq!(bank.stripe.intent(&asks).await.unwrap(), IntentState::ActionNeeded);
    assert_eq!(bank.stripe.cancel(&key(), &asks).await.unwrap(), IntentState::Canceled);
    let slow = bank.created(1990).await;
    assert_eq!(bank.confirm(&slow, SLOW).await, IntentState::Pending);
    bank.until(async || bank.stripe.intent(&slow).await.unwrap() == IntentState::Authorised).await;
}

#[tokio::test]
async fn a_lost_answer_is_had_again_under_the_same_key() {
    let bank = TestBank::open().await;
    let (body, opening) = (bank.stripe.intent_body(&order(1990)), key());
    bank.fault("POST /v1/payment_intents", "act_then_drop").await;
    let lost = bank.stripe.create_intent(&opening, &body).await.unwrap_err();
    assert!(matches!(lost, BankError::Unclear(_)), "{lost}");
    let intent = bank.stripe.create_intent(&opening, &body).await.unwrap();
    assert_eq!(bank.stripe.create_intent(&opening, &body).await.unwrap(), intent);
    assert_eq!(bank.ledger().await["intents"].as_array().unwrap().len(), 1);
    let other = bank.stripe.intent_body(&order(1990));
    let reused = bank.stripe.create_intent(&opening, &other).await.unwrap_err();
    assert!(matches!(reused, BankError::KeySpent), "{reused}");

    let trying = key();
    bank.fault(CONFIRM, "act_then_drop").await;
    assert!(bank.stripe.confirm(&trying, &intent, POOR).await.is_err());
    let again = bank.stripe.confirm(&trying, &intent, POOR).await.unwrap();
    assert_eq!(again, declined("insufficient_funds"));
}

#[tokio::test]
async fn an_answer_that_stays_broken_is_decided_by_a_read() {
    let bank = TestBank::open().await;
    let intent = bank.created(1990).await;
    let trying = key();
    bank.fault(CONFIRM, "act_then_500").await;
    for _ in 0..2 {
        let broken = bank.stripe.confirm(&trying, &intent, VISA).await.unwrap_err();
        assert!(matches!(broken, BankError::KeySpent), "{broken}");
    }
    assert_eq!(bank.stripe.intent(&intent).await.unwrap(), IntentState::Authorised);
    bank.fault(CONFIRM, "refuse").await;
    let untried = bank.created(900).await;
    assert!(matches!(bank.stripe.confirm(&key(), &untried, VISA).await, Err(BankError::Unclear(_))));
    assert_eq!(bank.stripe.intent(&untried).await.unwrap(), IntentState::Unconfirmed);
}

#[tokio::test]
async fn the_least_that_can_be_charged_is_charged_and_no_cent_less() {
    let bank = TestBank::open().await;
    for currency in [Currency::Eur, Currency::Usd, Currency::Gbp, Currency::Chf] {
        let least = minimum(currency);
        let create = async |amount: Money| {
            let body = bank.stripe.intent_body(&IntentRequest { amount, ..order(0) });
            bank.stripe.create_intent(&key(), &body).await
        };
        assert!(create(least).await.is_ok(), "{least}");
        let less = create(Money::new(least.minor() - 1, currency)).await.unwrap_err();
        assert_eq!(refused(less), "amount_too_small");
    }
}

#[tokio::test]
async fn a_wrong_key_or_nobody_there_leaves_things_open() {
    let bank = TestBank::open().await;
    let intent = bank.created(1990).await;
    let stranger = adapter(&bank.url, "sk_test_wrong").intent(&intent).await.unwrap_err();
    assert!(matches!(stranger, BankError::Unclear(_)), "{stranger}");
    let nobody = adapter("http://127.0.0.1:1", KEY).intent(&intent).await.unwrap_err();
    assert!(matches!(nobody, BankError::Unclear(_)), "{nobody}");
    assert_eq!(refused(bank.stripe.intent("pi_none").await.unwrap_err()), "resource_missing");
}
