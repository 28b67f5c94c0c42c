//! API clients: their own keys, their own payment methods, one execution and one answer for each.

use std::time::Duration;

use futures::future::join_all;
use identity::Shopper;
use purchase::Error;
use purchase::order::OrderState;
use purchase::place::idempotency::{ClientKey, Key, Refusal};
use purchase::place::token::Token;
use purchase::place::{PlaceOrder, PlaceOutcome, Placed, Progress};

use crate::support::{Shop, contact, fault, send, times};

pub const VISA: &str = "pm_card_visa";
pub const DECLINED: &str = "pm_card_chargeDeclinedInsufficientFunds";
const ASKS: &str = "pm_card_threeDSecure2Required";

pub fn request(key: &str, token: Token, method: &str) -> PlaceOrder {
    let key = Key::Client(ClientKey::parse(key).unwrap());
    PlaceOrder { key, token, contact: contact(), method: Some(method.to_owned()) }
}

async fn buyer(shop: &Shop) -> (Shopper, Token) {
    let guest = shop.guest_with(&[(1, 1)]).await;
    let token = shop.token(&guest).await;
    (guest, token)
}

pub fn order_of(outcome: &PlaceOutcome) -> &Placed {
    match outcome {
        PlaceOutcome::Placed(placed) => placed,
        other => panic!("no order: {other:?}"),
    }
}

pub fn progress(outcome: &PlaceOutcome) -> Progress {
    order_of(outcome).progress.clone()
}

/// Whatever is still under way (a capture) is waited for.
pub async fn captured(shop: &Shop) {
    for _ in 0..200 {
        if shop.count("payment_attempt where state = 'authorised'").await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("not captured");
}

/// Cases 1 and 2: the first runs, the second is answered the same and does nothing.
#[tokio::test]
async fn a_named_payment_method_pays_at_once_and_a_repeat_has_the_same_answer() {
    let shop = Shop::with_copies(&[3]).await;
    let (guest, token) = buyer(&shop).await;
    let first = send(&shop.purchase, &guest, request("k1", token, VISA)).await;
    assert_eq!(progress(&first), Progress::Paid);
    assert_eq!(shop.stock(1).await, (3, 1, 0));
    captured(&shop).await;
    let again = send(&shop.purchase, &guest, request("k1", token, VISA)).await;
    assert_eq!(order_of(&again), &Placed { replayed: true, ..order_of(&first).clone() });
    assert_eq!(shop.bank_intents().await.len(), 1);
    shop.close().await;
}

/// Case 3: sixty-four at once on two instances, one execution.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_runs_and_the_others_wait_or_hear_of_it() {
    let shop = Shop::with_copies(&[100]).await;
    let other = shop.another_instance().await;
    let (guest, token) = buyer(&shop).await;
    let instances = [&shop.purchase, &other];
    let sent = (0..64).map(|turn| send(instances[turn % 2], &guest, request("k1", token, VISA)));
    let outcomes = join_all(sent).await;
    let link = order_of(&outcomes[0]).link;
    for outcome in &outcomes {
        assert_eq!(order_of(outcome).link, link);
        assert!(matches!(progress(outcome), Progress::Paid | Progress::InFlight), "{outcome:?}");
    }
    assert_eq!(outcomes.iter().filter(|outcome| !order_of(outcome).replayed).count(), 1);
    captured(&shop).await;
    assert_eq!(shop.count("orders").await, 1);
    assert_eq!(shop.bank_intents().await.len(), 1);
    assert_eq!(shop.stock(1).await, (100, 1, 0));
    shop.close().await;
}

/// Cases 4, 6 and 11: the same key with another content is refused, with another shopper independent; blanks around a
/// field are no other content.
#[tokio::test]
async fn a_key_stands_for_one_content_of_one_shopper() {
    let shop = Shop::with_copies(&[9]).await;
    let (guest, token) = buyer(&shop).await;
    let first = send(&shop.purchase, &guest, request("k1", token, VISA)).await;
    let mut elsewhere = request("k1", token, VISA);
    elsewhere.contact.street = "1 Other Street".to_owned();
    assert_eq!(send(&shop.purchase, &guest, elsewhere).await, PlaceOutcome::KeyReused);
    assert_eq!(send(&shop.purchase, &guest, request("k1", token, "pm_card_slow")).await, PlaceOutcome::KeyReused);
    let mut spaced = request("k1", token, VISA);
    spaced.contact.street = format!("  {} ", spaced.contact.street);
    assert_eq!(order_of(&send(&shop.purchase, &guest, spaced).await).link, order_of(&first).link);
    let (stranger, theirs) = buyer(&shop).await;
    let independent = send(&shop.purchase, &stranger, request("k1", theirs, VISA)).await;
    assert_ne!(order_of(&independent).link, order_of(&first).link);
    captured(&shop).await;
    shop.close().await;
}

/// Case 10, in the database: `A`, `a` and `a ` are three keys.
#[tokio::test]
async fn keys_are_compared_byte_for_byte() {
    let shop = Shop::with_copies(&[9]).await;
    let guest = shop.guest_with(&[]).await;
    let mut links = Vec::new();
    for key in ["A", "a", "\"a \""] {
        shop.purchase.add_to_basket(&guest, 1, 1).await.unwrap();
        let token = shop.token(&guest).await;
        links.push(order_of(&send(&shop.purchase, &guest, request(key, token, VISA)).await).link);
    }
    captured(&shop).await;
    assert_eq!(shop.count("orders").await, 3);
    assert_ne!(links[1], links[2]);
    shop.close().await;
}

/// Case 12: what was not acceptable is not remembered.
#[tokio::test]
async fn a_corrected_request_may_use_the_same_key() {
    let shop = Shop::with_copies(&[9]).await;
    let (guest, token) = buyer(&shop).await;
    let mut refused = request("k1", token, VISA);
    refused.contact.email = "nobody".to_owned();
    assert!(matches!(send(&shop.purchase, &guest, refused).await, PlaceOutcome::Invalid(_)));
    assert_eq!(progress(&send(&shop.purchase, &guest, request("k1", token, VISA)).await), Progress::Paid);
    captured(&shop).await;
    shop.close().await;
}

/// Case 13: a decline is remembered; the books are back, and a new key tries again.
#[tokio::test]
async fn a_decline_is_replayed_and_a_new_key_pays() {
    for (method, code) in [(DECLINED, "insufficient_funds"), (ASKS, "authentication_required")] {
        let shop = Shop::with_copies(&[9]).await;
        let (guest, token) = buyer(&shop).await;
        let declined = Progress::Declined { code: code.to_owned() };
        let first = send(&shop.purchase, &guest, request("k1", token, method)).await;
        assert_eq!(progress(&first), declined);
        assert_eq!(shop.stock(1).await, (9, 0, 0));
        let again = send(&shop.purchase, &guest, request("k1", token, method)).await;
        assert_eq!(order_of(&again), &Placed { replayed: true, ..order_of(&first).clone() });
        assert_eq!(shop.bank_intents().await.len(), 1);
        let fresh = shop.token(&guest).await;
        assert_ne!(fresh, token);
        assert_eq!(progress(&send(&shop.purchase, &guest, request("k2", fresh, VISA)).await), Progress::Paid);
        captured(&shop).await;
        shop.close().await;
    }
}

/// Case 14: a sold-out answer is remembered although copies came back.
#[tokio::test]
async fn sold_out_is_replayed_although_copies_came_back() {
    let shop = Shop::with_copies(&[1]).await;
    let (slow, token) = buyer(&shop).await;
    let quick = shop.guest_with(&[(1, 1)]).await;
    shop.order(&quick).await;
    let sold_out = |replayed| PlaceOutcome::Refused { why: Refusal::SoldOut { edition: 1, left: 0 }, replayed };
    assert_eq!(send(&shop.purchase, &slow, request("k1", token, VISA)).await, sold_out(false));
    shop.sql("update stock set received = 5").await;
    assert_eq!(send(&shop.purchase, &slow, request("k1", token, VISA)).await, sold_out(true));
    let fresh = shop.token(&slow).await;
    assert_eq!(progress(&send(&shop.purchase, &slow, request("k2", fresh, VISA)).await), Progress::Paid);
    captured(&shop).await;
    shop.close().await;
}

/// Another key for a basket that is ordered already leads to that order: one version of a basket makes one.
#[tokio::test]
async fn one_version_of_a_basket_makes_one_order_whatever_keys_arrive() {
    let shop = Shop::with_copies(&[9]).await;
    let (guest, token) = buyer(&shop).await;
    let sent = (0..8).map(|turn| {
        let key = format!("k{turn}");
        let (purchase, guest) = (&shop.purchase, &guest);
        async move { send(purchase, guest, request(&key, token, VISA)).await }
    });
    let outcomes = join_all(sent).await;
    let link = order_of(&outcomes[0]).link;
    assert!(outcomes.iter().all(|outcome| order_of(outcome).link == link), "{outcomes:?}");
    captured(&shop).await;
    assert_eq!(shop.count("orders").await, 1);
    shop.close().await;
}

/// Cases 15, 16 and 22: whatever becomes of a call to the bank, a repeat finishes the work, and one payment is made.
#[tokio::test]
async fn a_repeat_finishes_what_the_bank_left_open() {
    for endpoint in ["POST /v1/payment_intents", "POST /v1/payment_intents/{id}/confirm"] {
        for effect in ["drop", "act_then_drop", "refuse"] {
            let shop = Shop::with_copies(&[9]).await;
            let (guest, token) = buyer(&shop).await;
            // A confirmation whose answer is lost is settled by a read within the request.
            shop.faults(fault(endpoint, effect, 1)).await;
            let first = send(&shop.purchase, &guest, request("k1", token, VISA)).await;
            let settled_by_reading = endpoint.ends_with("confirm") && effect == "act_then_drop";
            let expected = if settled_by_reading { Progress::Paid } else { Progress::Pending };
            assert_eq!(progress(&first), expected, "{endpoint} {effect}");
            shop.faults(serde_json::json!([])).await;
            let mut outcome = first;
            for _ in 0..100 {
                if progress(&outcome) == Progress::Paid {
                    break;
                }
                shop.everything_is_due().await;
                outcome = send(&shop.purchase, &guest, request("k1", token, VISA)).await;
            }
            assert_eq!(progress(&outcome), Progress::Paid, "{endpoint} {effect}");
            captured(&shop).await;
            assert_eq!(shop.bank_intents().await.len(), 1, "{endpoint} {effect}");
            shop.close().await;
        }
    }
}

/// A 500 is its key's answer for ever: another attempt follows, and the answer speaks of that one.
#[tokio::test]
async fn a_payment_whose_creation_ended_in_a_500_is_made_by_another_attempt() {
    let shop = Shop::with_copies(&[9]).await;
    let (guest, token) = buyer(&shop).await;
    shop.faults(fault("POST /v1/payment_intents", "act_then_500", 2)).await;
    let first = send(&shop.purchase, &guest, request("k1", token, VISA)).await;
    assert_eq!(progress(&first), Progress::Pending);
    let mut outcome = first;
    for _ in 0..3 {
        shop.everything_is_due().await;
        outcome = send(&shop.purchase, &guest, request("k1", token, VISA)).await;
    }
    assert_eq!(progress(&outcome), Progress::Paid);
    captured(&shop).await;
    let intents = shop.bank_intents().await;
    let taken: Vec<_> = intents.iter().filter(|intent| intent["authorised"] != 0).collect();
    assert_eq!((intents.len(), taken.len(), &taken[0]["captured"]), (3, 1, &serde_json::json!(1000)));
    shop.close().await;
}

/// Case 16: a 500 on the confirmation that took effect is settled by reading, at once.
#[tokio::test]
async fn a_500_after_the_money_was_set_aside_is_settled_by_reading() {
    let shop = Shop::with_copies(&[9]).await;
    let (guest, token) = buyer(&shop).await;
    shop.faults(fault("POST /v1/payment_intents/{id}/confirm", "act_then_500", 1)).await;
    let first = send(&shop.purchase, &guest, request("k1", token, VISA)).await;
    assert_eq!(progress(&first), Progress::Paid);
    captured(&shop).await;
    shop.close().await;
}

/// A capture that is cut off is finished by the worker, and the client has long been told that it is paid.
#[tokio::test]
async fn a_capture_that_fails_is_finished_by_the_worker() {
    for effect in ["drop", "act_then_drop", "act_then_500", "keep_500"] {
        let shop = Shop::with_copies(&[9]).await;
        let (guest, token) = buyer(&shop).await;
        shop.faults(fault("POST /v1/payment_intents/{id}/capture", effect, times(effect))).await;
        let first = send(&shop.purchase, &guest, request("k1", token, VISA)).await;
        assert_eq!(progress(&first), Progress::Paid);
        let link = order_of(&first).link;
        shop.settle_until(link, OrderState::Paid).await;
        captured(&shop).await;
        shop.close().await;
    }
}

/// Case 17: an old key is forgotten, one whose order has not ended never.
#[tokio::test]
async fn old_keys_are_forgotten_but_never_unfinished_ones() {
    let shop = Shop::with_copies(&[9]).await;
    let (guest, token) = buyer(&shop).await;
    send(&shop.purchase, &guest, request("done", token, VISA)).await;
    captured(&shop).await;
    shop.purchase.add_to_basket(&guest, 1, 1).await.unwrap();
    let open = PlaceOrder { method: None, ..request("open", shop.token(&guest).await, VISA) };
    send(&shop.purchase, &guest, open).await;
    shop.sql("update idempotency set created_at = created_at - interval 3 day").await;
    shop.purchase.tidy_up().await;
    assert_eq!(shop.count("idempotency where substr(idempotency_key, 2) = 'done'").await, 0);
    assert_eq!(shop.count("idempotency where substr(idempotency_key, 2) = 'open'").await, 1);
    shop.close().await;
}

/// Case 18: who comes back after his lease was taken over changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_too_slow_is_fenced_off() {
    let shop = Shop::with_copies(&[9]).await;
    let (guest, token) = buyer(&shop).await;
    // The first is held up at the bank while its lease is taken by others, again and again.
    shop.faults(serde_json::json!([{
        "endpoint": "POST /v1/payment_intents/{id}/confirm", "effect": "delay", "ms": 1500, "times": 1
    }]))
    .await;
    let other = shop.another_instance().await;
    let first = send(&shop.purchase, &guest, request("k1", token, VISA));
    let takers = async {
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            shop.everything_is_due().await;
            other.work_once().await.unwrap();
        }
    };
    let (first, ()) = tokio::join!(first, takers);
    assert!(matches!(progress(&first), Progress::Paid | Progress::Pending | Progress::InFlight), "{first:?}");
    captured(&shop).await;
    assert_eq!(shop.count("order_event where to_state = 'paid'").await, 1);
    assert_eq!(shop.bank_intents().await.len(), 1);
    shop.close().await;
}

/// Case 31: whichever instance is asked again, it reads what the first one has written, without delay.
#[tokio::test(flavor = "multi_thread")]
async fn another_instance_knows_at_once_what_the_first_has_answered() {
    let shop = Shop::with_copies(&[5]).await;
    let other = shop.another_instance().await;
    let mut buyers = Vec::new();
    for _ in 0..8 {
        buyers.push(buyer(&shop).await);
    }
    for (turn, (guest, token)) in buyers.into_iter().enumerate() {
        let [first, second] = if turn % 2 == 0 { [&shop.purchase, &other] } else { [&other, &shop.purchase] };
        let outcome = send(first, &guest, request("k1", token, VISA)).await;
        let again = send(second, &guest, request("k1", token, VISA)).await;
        match (outcome, again) {
            (PlaceOutcome::Placed(placed), again) => assert_eq!(order_of(&again), &Placed { replayed: true, ..placed }),
            (PlaceOutcome::Refused { why, .. }, again) => {
                assert_eq!(again, PlaceOutcome::Refused { why, replayed: true })
            }
            other => panic!("{other:?}"),
        }
    }
    captured(&shop).await;
    assert_eq!(shop.stock(1).await, (5, 5, 0));
    assert_eq!(shop.bank_intents().await.len(), 5);
    shop.close().await;
}

/// Case 33: a request that panics leaves its key free and nothing locked.
#[tokio::test]
async fn the_same_key_runs_after_a_panic() {
    let shop = Shop::with_copies(&[1]).await;
    let (guest, token) = buyer(&shop).await;
    let titles = |_: Vec<u64>| async { panic!("no titles today") };
    let panicked = shop.purchase.place_order::<Error, _, _>(&guest, request("k1", token, VISA), titles).await;
    assert!(matches!(panicked, Err(Error::Defect(_))));
    assert_eq!(progress(&send(&shop.purchase, &guest, request("k1", token, VISA)).await), Progress::Paid);
    captured(&shop).await;
    shop.close().await;
}
