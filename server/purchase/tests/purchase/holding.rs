//! Placing orders: once each, and never more than there is.

use std::time::Duration;

use futures::future::join_all;
use purchase::order::OrderState;
use purchase::place::PlaceOutcome;
use purchase::place::idempotency::Refusal;
use purchase::place::token::Token;
use tokio::time::sleep;

use crate::support::{PAYS, Shop, fault, holder, place};

fn placed(outcomes: &[PlaceOutcome]) -> usize {
    outcomes.iter().filter(|outcome| matches!(outcome, PlaceOutcome::Placed(_))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_copy_goes_to_one_of_sixteen_buyers_on_two_servers() {
    let shop = Shop::with_copies(&[1]).await;
    let other = shop.another_instance().await;
    let mut buyers = Vec::new();
    for _ in 0..16 {
        let guest = shop.guest_with(&[(1, 1)]).await;
        let token = shop.token(&guest).await;
        buyers.push((guest, token));
    }
    let racing = buyers.iter().zip([&shop.purchase, &other].into_iter().cycle());
    let outcomes = join_all(racing.map(|((guest, token), instance)| place(instance, guest, *token))).await;
    assert_eq!(placed(&outcomes), 1);
    let turned_away = outcomes.iter().filter(|outcome| {
        **outcome == PlaceOutcome::Refused { why: Refusal::SoldOut { edition: 1, left: 0 }, replayed: false }
    });
    assert_eq!(turned_away.count(), 15);
    assert_eq!(shop.stock(1).await, (1, 0, 1));
    // Nothing of the fifteen stays, and their baskets are as they were.
    assert_eq!(shop.count("orders").await, 1);
    assert_eq!(shop.count("basket where state = 'open'").await, 15);
    shop.close().await;
}

/// Case 3, for the form.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_sent_many_times_at_once_is_one_order() {
    let shop = Shop::with_copies(&[100]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let token = shop.token(&guest).await;
    let outcomes = join_all((0..16).map(|_| shop.place(&guest, token))).await;
    assert_eq!(placed(&outcomes), 16);
    let mut links = outcomes.iter().map(|outcome| match outcome {
        PlaceOutcome::Placed(placed) => placed.link,
        other => panic!("{other:?}"),
    });
    let first = links.next().unwrap();
    assert!(links.all(|link| link == first));
    assert_eq!(shop.count("orders").await, 1);
    assert_eq!(shop.stock(1).await, (100, 0, 1));
    assert_eq!(shop.count("payment_attempt").await, 1);
    shop.close().await;
}

/// Who stands in a batch behind somebody who wants the same, and then gets nothing for want of another book, is served.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_refused_for_the_sake_of_one_who_gets_nothing() {
    let shop = Shop::with_copies(&[1, 1, 1]).await;
    let mut buyers = Vec::new();
    for lines in [&[(3, 1)][..], &[(1, 1), (2, 1)], &[(2, 1)]] {
        let guest = shop.guest_with(lines).await;
        let token = shop.token(&guest).await;
        buyers.push((guest, token));
    }
    let mut keeps_the_till_busy = shop.lock_stock(3).await;
    let mut takes_the_first_book = shop.lock_stock(1).await;
    let place = async |buyer: usize, after: u64| {
        sleep(Duration::from_millis(after)).await;
        shop.place(&buyers[buyer].0, buyers[buyer].1).await
    };
    let (_, both, alone, ()) = tokio::join!(place(0, 0), place(1, 200), place(2, 300), async {
        sleep(Duration::from_millis(500)).await;
        sqlx::raw_sql("rollback").execute(&mut keeps_the_till_busy).await.unwrap();
        sleep(Duration::from_millis(300)).await;
        let taken = "update stock set received = 0 where edition_id = 1; commit";
        sqlx::raw_sql(taken).execute(&mut takes_the_first_book).await.unwrap();
    });
    assert_eq!(both, PlaceOutcome::Refused { why: Refusal::SoldOut { edition: 1, left: 0 }, replayed: false });
    assert_eq!(placed(&[alone]), 1);
    assert_eq!(shop.stock(2).await, (1, 0, 1));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_cross_each_others_books_all_get_through() {
    let shop = Shop::with_copies(&[100, 100, 100]).await;
    let mut buyers = Vec::new();
    for turn in 0..12 {
        let lines = if turn % 2 == 0 { [(1, 1), (2, 1), (3, 1)] } else { [(3, 1), (2, 1), (1, 1)] };
        let guest = shop.guest_with(&lines).await;
        let token = shop.token(&guest).await;
        buyers.push((guest, token));
    }
    let outcomes = join_all(buyers.iter().map(|(guest, token)| shop.place(guest, *token))).await;
    assert_eq!(placed(&outcomes), 12);
    for edition in 1..=3 {
        assert_eq!(shop.stock(edition).await, (100, 0, 12));
    }
    shop.close().await;
}

#[tokio::test]
async fn one_book_too_few_and_nothing_of_the_order_stays() {
    let shop = Shop::with_copies(&[5, 1]).await;
    let first = shop.guest_with(&[(2, 1)]).await;
    let second = shop.guest_with(&[(1, 2), (2, 1)]).await;
    let token = shop.token(&second).await;
    shop.order(&first).await;
    let refused = |replayed| PlaceOutcome::Refused { why: Refusal::SoldOut { edition: 2, left: 0 }, replayed };
    assert_eq!(shop.place(&second, token).await, refused(false));
    assert_eq!(shop.stock(1).await, (5, 0, 0));
    assert_eq!(shop.count("orders").await, 1);
    // Case 14: the same form is told the same, whatever has come back; the page has a new token.
    shop.sql("update stock set received = received + 9 where edition_id = 2").await;
    assert_eq!(shop.place(&second, token).await, refused(true));
    let fresh = shop.token(&second).await;
    assert_ne!(fresh, token);
    assert_eq!(placed(&[shop.place(&second, fresh).await]), 1);
    shop.close().await;
}

#[tokio::test]
async fn a_token_of_another_basket_version_or_of_nobody_orders_nothing() {
    let shop = Shop::with_copies(&[5]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let stale = shop.token(&guest).await;
    shop.purchase.add_to_basket(&guest, 1, 1).await.unwrap();
    let forged = Token::parse(&"ab".repeat(32)).unwrap();
    for token in [stale, forged] {
        assert_eq!(shop.place(&guest, token).await, PlaceOutcome::BasketChanged);
    }
    let stranger = identity::testing::guest();
    let token = shop.token(&guest).await;
    assert_eq!(shop.place(&stranger, token).await, PlaceOutcome::EmptyBasket);
    assert_eq!(shop.count("orders").await, 0);
    shop.close().await;
}

/// A price that changes between the checkout page and its form must be seen before it is paid (SECURITY 70).
#[tokio::test]
async fn a_changed_price_makes_the_form_stale() {
    let shop = Shop::with_copies(&[5]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let token = shop.token(&guest).await;
    shop.sql("update offer set price = 2000").await;
    assert_eq!(shop.place(&guest, token).await, PlaceOutcome::BasketChanged);
    shop.close().await;
}

/// Cases 15, 16 and 22: whatever becomes of the call that opens the bank's page, the worker opens one page.
#[tokio::test]
async fn a_bank_that_drops_its_answer_is_asked_again_and_opens_one_page() {
    for effect in ["drop", "act_then_drop", "act_then_500", "keep_500", "refuse"] {
        let shop = Shop::with_copies(&[5]).await;
        let guest = shop.guest_with(&[(1, 1)]).await;
        shop.faults(fault("POST /v1/checkout/sessions", effect, 1)).await;
        let order = shop.order(&guest).await;
        assert!(!order.payable, "{effect}");
        shop.faults(serde_json::json!([])).await;
        shop.until_payable(order.link).await;
        // A 500 is the key's answer for ever: no page of it can be used, so another attempt follows, with a key of its own.
        assert_eq!(shop.count("payment_attempt").await, if effect.ends_with("500") { 2 } else { 1 }, "{effect}");
        shop.pay(order.link, PAYS).await;
        shop.settle_until(order.link, OrderState::Paid).await;
        assert_eq!(shop.bank_intents().await.len(), 1, "{effect}");
        shop.close().await;
    }
}

#[tokio::test]
async fn a_bank_that_fails_under_every_key_gets_the_copies_back_in_time() {
    for cancelled in [false, true] {
        let shop = Shop::with_copies(&[5]).await;
        let guest = shop.guest_with(&[(1, 1)]).await;
        shop.faults(fault("POST /v1/checkout/sessions", "act_then_500", 100)).await;
        let order = shop.order(&guest).await;
        for _ in 0..3 {
            shop.everything_is_due().await;
            shop.purchase.work_once().await.unwrap();
        }
        assert_eq!(shop.count("payment_attempt where state = 'closed'").await, 4);
        assert_eq!(shop.count("payment_attempt where state = 'creating'").await, 1);
        assert_eq!(shop.stock(1).await, (5, 0, 1));
        if cancelled {
            shop.purchase.cancel_order(holder(order.link)).await.unwrap();
            shop.settle_until(order.link, OrderState::Cancelled).await;
        } else {
            shop.time_is_up().await;
            shop.settle_until(order.link, OrderState::Expired).await;
        }
        assert_eq!(shop.stock(1).await, (5, 0, 0));
        assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 1);
        shop.close().await;
    }
}
