//! Paying: what the bank says is what becomes of an order, whoever hears it first.

use futures::future::join_all;
use identity::Shopper;
use purchase::order::cancel::CancelOutcome;
use purchase::order::{OrderLink, OrderState};
use purchase::place::PlaceOutcome;

use crate::support::{DECLINED, PAYS, SLOW, Shop, fault, holder, times};

#[tokio::test]
async fn paid_is_sold_captured_and_owed_a_mail() {
    let shop = Shop::with_copies(&[3, 2]).await;
    let guest = shop.guest_with(&[(1, 2), (2, 1)]).await;
    let order = shop.order(&guest).await;
    assert_eq!(shop.pay(order.link, PAYS).await, 303);
    shop.settle_until(order.link, OrderState::Paid).await;
    assert_eq!(shop.stock(1).await, (3, 2, 0));
    assert_eq!(shop.stock(2).await, (2, 1, 0));
    assert_eq!(shop.bank_intents().await[0]["captured"], 3000);
    assert!(shop.purchase.basket(&guest).await.unwrap().is_none());
    shop.close().await;
}

#[tokio::test]
async fn a_form_sent_again_after_payment_leads_to_the_same_order() {
    let shop = Shop::with_copies(&[3]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let token = shop.token(&guest).await;
    let order = shop.order(&guest).await;
    shop.pay(order.link, PAYS).await;
    shop.settle_until(order.link, OrderState::Paid).await;
    match shop.place(&guest, token).await {
        PlaceOutcome::Placed(again) => assert!(again.replayed && again.link == order.link && !again.payable),
        other => panic!("{other:?}"),
    }
    shop.close().await;
}

/// Case 29: many that hear of the payment at once make one sale of it.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_hear_of_a_payment_at_once_sell_once() {
    let shop = Shop::with_copies(&[5]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let order = shop.order(&guest).await;
    shop.pay(order.link, PAYS).await;
    let instances = join_all((0..4).map(|_| shop.another_instance())).await;
    for _ in 0..5 {
        let rounds = instances.iter().map(|instance| async {
            shop.everything_is_due().await;
            instance.work_once().await.unwrap();
        });
        join_all(rounds).await;
    }
    shop.settle_until(order.link, OrderState::Paid).await;
    assert_eq!(shop.stock(1).await, (5, 1, 0));
    assert_eq!(shop.count("order_event where to_state = 'paid'").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_paid_in_two_tabs_at_once_takes_the_money_once() {
    let shop = Shop::with_copies(&[5]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let order = shop.order(&guest).await;
    let tabs = join_all((0..4).map(|_| shop.pay(order.link, PAYS))).await;
    assert!(tabs.iter().any(|status| *status == 303), "{tabs:?}");
    shop.settle_until(order.link, OrderState::Paid).await;
    let intents = shop.bank_intents().await;
    assert_eq!((intents.len(), &intents[0]["captured"]), (1, &1000.into()));
    assert_eq!(shop.stock(1).await, (5, 1, 0));
    shop.close().await;
}

#[tokio::test]
async fn a_declined_card_leaves_the_stock_as_it_was_once_the_shopper_gives_up() {
    let shop = Shop::with_copies(&[3]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let order = shop.order(&guest).await;
    assert_eq!(shop.pay(order.link, DECLINED).await, 402);
    assert_eq!(shop.purchase.cancel_order(holder(order.link)).await.unwrap(), CancelOutcome::Wished);
    shop.settle_until(order.link, OrderState::Cancelled).await;
    assert_eq!(shop.stock(1).await, (3, 0, 0));
    // The lines are back, and the next order is another one.
    assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 1);
    let next = shop.order(&guest).await;
    assert_ne!(next.link, order.link);
    shop.pay(next.link, PAYS).await;
    shop.settle_until(next.link, OrderState::Paid).await;
    shop.close().await;
}

#[tokio::test]
async fn another_card_after_a_declined_one_pays() {
    let shop = Shop::with_copies(&[3]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let order = shop.order(&guest).await;
    assert_eq!(shop.pay(order.link, DECLINED).await, 402);
    assert_eq!(shop.pay(order.link, PAYS).await, 303);
    shop.settle_until(order.link, OrderState::Paid).await;
    shop.close().await;
}

#[tokio::test]
async fn an_order_that_nobody_pays_gives_its_copies_back_in_time() {
    let shop = Shop::with_copies(&[1]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let order = shop.order(&guest).await;
    shop.time_is_up().await;
    shop.settle_until(order.link, OrderState::Expired).await;
    assert_eq!(shop.stock(1).await, (1, 0, 0));
    assert_eq!(shop.purchase.cancel_order(holder(order.link)).await.unwrap(), CancelOutcome::TooLate);
    assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 1);
    shop.close().await;
}

/// The hold's end and the payment at the same moment: the bank's word decides, and it is one of two.
#[tokio::test]
async fn who_has_paid_when_time_is_up_gets_the_book() {
    let shop = Shop::with_copies(&[1]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let order = shop.order(&guest).await;
    shop.pay(order.link, PAYS).await;
    shop.time_is_up().await;
    shop.settle_until(order.link, OrderState::Paid).await;
    assert_eq!(shop.stock(1).await, (1, 1, 0));
    shop.close().await;
}

#[tokio::test]
async fn who_cancels_after_paying_gets_the_money_back_and_no_book() {
    let shop = Shop::with_copies(&[1]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let order = shop.order(&guest).await;
    shop.pay(order.link, PAYS).await;
    // The shop has not heard of the payment yet.
    assert_eq!(shop.purchase.cancel_order(holder(order.link)).await.unwrap(), CancelOutcome::Wished);
    shop.settle_until(order.link, OrderState::Cancelled).await;
    assert_eq!(shop.stock(1).await, (1, 0, 0));
    assert_eq!(shop.bank_intents().await[0]["status"], "canceled");
    shop.close().await;
}

/// Money that is captured in the bank's dashboard for an order that is not wanted any more goes back as well.
#[tokio::test]
async fn money_that_was_captured_by_hand_for_an_unwanted_order_goes_back() {
    for given_before in [0, 300] {
        let shop = Shop::with_copies(&[1]).await;
        let guest = shop.guest_with(&[(1, 1)]).await;
        let order = shop.order(&guest).await;
        shop.pay(order.link, PAYS).await;
        let intent = shop.bank_intents().await[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(shop.purchase.cancel_order(holder(order.link)).await.unwrap(), CancelOutcome::Wished);
        shop.capture_by_hand(&intent).await;
        if given_before > 0 {
            let amount = given_before.to_string();
            shop.control("refunds", &[("payment_intent", intent.as_str()), ("amount", amount.as_str())]).await;
        }
        shop.settle_until(order.link, OrderState::Cancelled).await;
        let at_bank = &shop.bank_intents().await[0];
        assert_eq!((&at_bank["captured"], &at_bank["refunded"]), (&1000.into(), &1000.into()));
        assert_eq!(shop.stock(1).await, (1, 0, 0));
        let since = time::OffsetDateTime::now_utc() - time::Duration::HOUR;
        assert_eq!(shop.purchase.reconcile_payments(since).await.unwrap(), []);
        shop.close().await;
    }
}

#[tokio::test]
async fn a_slow_payment_is_waited_for_even_when_time_is_up() {
    let shop = Shop::with_copies(&[1]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let order = shop.order(&guest).await;
    assert_eq!(shop.pay(order.link, SLOW).await, 303);
    shop.time_is_up().await;
    shop.settle_until(order.link, OrderState::Paid).await;
    assert_eq!(shop.stock(1).await, (1, 1, 0));
    shop.close().await;
}

/// Case 22, for giving up: neither a lost answer nor a failure that the bank keeps leaves copies held for ever.
#[tokio::test]
async fn a_payment_that_is_not_wanted_any_more_is_given_up_whatever_the_bank_answers() {
    for effect in ["drop", "act_then_drop", "act_then_500", "keep_500", "refuse"] {
        let shop = Shop::with_copies(&[1]).await;
        let guest = shop.guest_with(&[(1, 1)]).await;
        let order = shop.order(&guest).await;
        shop.pay(order.link, PAYS).await;
        shop.faults(fault("POST /v1/payment_intents/{id}/cancel", effect, times(effect))).await;
        assert_eq!(shop.purchase.cancel_order(holder(order.link)).await.unwrap(), CancelOutcome::Wished);
        shop.settle_until(order.link, OrderState::Cancelled).await;
        assert_eq!(shop.stock(1).await, (1, 0, 0), "{effect}");
        assert_eq!(shop.bank_intents().await[0]["status"], "canceled", "{effect}");
        shop.close().await;
    }
}

/// Case 22, for the capture: an answer that is lost is asked for again under the same key, and a failure that the bank
/// keeps for it under a second one.
#[tokio::test]
async fn a_capture_whose_answer_was_lost_is_made_once() {
    for effect in ["drop", "act_then_drop", "act_then_500", "keep_500", "refuse"] {
        let shop = Shop::with_copies(&[1]).await;
        let guest = shop.guest_with(&[(1, 1)]).await;
        let order = shop.order(&guest).await;
        shop.pay(order.link, PAYS).await;
        shop.faults(fault("POST /v1/payment_intents/{id}/capture", effect, times(effect))).await;
        shop.settle_until(order.link, OrderState::Paid).await;
        assert_eq!(shop.bank_intents().await[0]["captured"], 1000, "{effect}");
        shop.close().await;
    }
}

/// An order of one copy of each book, which the bank has been silent about for a day.
async fn in_doubt(shop: &Shop, paid: bool) -> (Shopper, OrderLink) {
    let guest = shop.guest_with(&[(1, 1), (2, 1)]).await;
    let link = shop.order(&guest).await.link;
    if paid {
        shop.pay(link, PAYS).await;
    }
    shop.faults(fault("*", "refuse", 1000)).await;
    shop.sql("update payment_attempt set created_at = created_at - interval 25 hour").await;
    shop.settle_until(link, OrderState::InDoubt).await;
    assert_eq!((shop.stock(1).await, shop.stock(2).await), ((1, 0, 0), (9, 0, 0)));
    shop.faults(serde_json::json!([])).await;
    (guest, link)
}

/// The bank is silent for a day: the copies go back, and are held anew for money that turns up later.
#[tokio::test]
async fn money_found_for_an_order_in_doubt_sells_it_if_all_copies_are_still_there() {
    let shop = Shop::with_copies(&[1, 9]).await;
    let (_, link) = in_doubt(&shop, true).await;
    shop.settle_until(link, OrderState::Paid).await;
    assert_eq!((shop.stock(1).await, shop.stock(2).await), ((1, 1, 0), (9, 1, 0)));
    assert_eq!(shop.bank_intents().await[0]["captured"], 2000);
    assert_eq!(shop.count("hold where state = 'released' and number = 1").await, 2);
    assert_eq!(shop.count("hold where state = 'sold' and number = 2").await, 2);
    assert_eq!(shop.purchase.reconcile_stock().await.unwrap(), []);
    shop.close().await;
}

#[tokio::test]
async fn an_order_in_doubt_can_be_cancelled_and_money_found_for_it_goes_back() {
    for paid in [false, true] {
        let shop = Shop::with_copies(&[1, 9]).await;
        let (guest, link) = in_doubt(&shop, paid).await;
        assert_eq!(shop.purchase.cancel_order(holder(link)).await.unwrap(), CancelOutcome::Wished);
        shop.settle_until(link, OrderState::Expired).await;
        assert_eq!((shop.stock(1).await, shop.stock(2).await), ((1, 0, 0), (9, 0, 0)));
        assert!(shop.bank_intents().await.iter().all(|intent| intent["status"] == "canceled"));
        assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 2);
        assert_eq!(shop.purchase.reconcile_stock().await.unwrap(), []);
        shop.close().await;
    }
}

#[tokio::test]
async fn money_found_for_an_order_in_doubt_is_given_back_if_one_copy_is_gone() {
    let shop = Shop::with_copies(&[1, 9]).await;
    let (guest, link) = in_doubt(&shop, true).await;
    let other = shop.guest_with(&[(1, 1)]).await;
    let last_copy = shop.order(&other).await.link;
    shop.settle_until(link, OrderState::Expired).await;
    assert_eq!((shop.stock(1).await, shop.stock(2).await), ((1, 0, 1), (9, 0, 0)));
    assert_eq!(shop.bank_intents().await[0]["status"], "canceled");
    assert_eq!(shop.count("outbox where type = 'payment.returned' and payload like '%too_late%'").await, 1);
    assert_eq!(shop.count("hold").await, 3, "nothing stays of what could not be held anew");
    assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 2);
    shop.pay(last_copy, PAYS).await;
    shop.settle_until(last_copy, OrderState::Paid).await;
    shop.close().await;
}

#[tokio::test]
async fn an_order_in_doubt_that_was_never_paid_ends_once_the_bank_speaks() {
    let shop = Shop::with_copies(&[1, 9]).await;
    let (guest, link) = in_doubt(&shop, false).await;
    shop.time_is_up().await;
    shop.settle_until(link, OrderState::Expired).await;
    assert_eq!(shop.count("outbox").await, 0);
    assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 2);
    shop.close().await;
}

/// Several that find the money at once hold the copies anew once.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_find_the_money_at_once_sell_an_order_in_doubt_once() {
    let shop = Shop::with_copies(&[1, 9]).await;
    let (_, link) = in_doubt(&shop, true).await;
    let instances = join_all((0..4).map(|_| shop.another_instance())).await;
    for _ in 0..3 {
        let rounds = instances.iter().map(|instance| async {
            shop.everything_is_due().await;
            instance.work_once().await.unwrap();
        });
        join_all(rounds).await;
    }
    shop.settle_until(link, OrderState::Paid).await;
    assert_eq!((shop.stock(1).await, shop.count("hold").await), ((1, 1, 0), 4));
    assert_eq!(shop.count("order_event where to_state = 'paid'").await, 1);
    shop.close().await;
}
