//! Money that the bank had set aside and then refuses to pay out: the shopper may pay once more, else the sale is taken
//! back.

use futures::future::join_all;
use purchase::order::cancel::CancelOutcome;
use purchase::order::{OrderLink, OrderState};
use purchase::place::idempotency::{ClientKey, Key};
use purchase::place::{PlaceOrder, PlaceOutcome, Progress};
use purchase::reconcile::Difference;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::support::{EXPIRES, PAYS, Shop, contact, fault, holder, send, times};

/// An order of two copies that was paid with `card`.
async fn ordered(shop: &Shop, card: &str) -> OrderLink {
    let guest = shop.guest_with(&[(1, 2)]).await;
    let order = shop.order(&guest).await;
    assert_eq!(shop.pay(order.link, card).await, 303);
    order.link
}

async fn until_failed(shop: &Shop, link: OrderLink) {
    for _ in 0..200 {
        if shop.order_page(link).await.payment_failed {
            return;
        }
        shop.everything_is_due().await;
        shop.purchase.work_once().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the payment did not fail: {:?}", shop.order_page(link).await);
}

async fn letters(shop: &Shop) -> i64 {
    shop.count("outbox where type = 'payment.failed'").await
}

/// What the bank has taken in all.
async fn taken(shop: &Shop) -> i64 {
    shop.bank_intents().await.iter().map(|intent| intent["captured"].as_i64().unwrap()).sum()
}

async fn nothing_is_set_aside(shop: &Shop) {
    for intent in shop.bank_intents().await {
        assert_ne!(intent["status"], "requires_capture");
    }
}

#[tokio::test]
async fn a_capture_that_is_refused_for_good_is_made_up_for_by_another_payment() {
    let shop = Shop::with_copies(&[3]).await;
    let since = OffsetDateTime::now_utc() - Duration::HOUR;
    let link = ordered(&shop, EXPIRES).await;
    until_failed(&shop, link).await;
    assert_eq!((shop.state(link).await, shop.stock(1).await), (OrderState::Paid, (3, 2, 0)));
    assert_eq!(shop.bank_intents().await[0]["status"], "canceled", "given up before another payment is asked for");
    let number = shop.order_page(link).await.number;
    let found = shop.purchase.reconcile_payments(since).await.unwrap();
    assert_eq!(found, [Difference::SoldNotPaid { order: number }]);

    shop.until_payable(link).await;
    let page = shop.order_page(link).await;
    let hours = page.payment.unwrap().expires_at.assume_utc() - OffsetDateTime::now_utc();
    assert_eq!((page.payment_failed, hours.whole_hours()), (true, 22));
    assert_eq!(shop.pay(link, PAYS).await, 303);
    shop.settle_until(link, OrderState::Paid).await;
    while shop.order_page(link).await.payment_failed {
        shop.everything_is_due().await;
        shop.purchase.work_once().await.unwrap();
    }
    shop.settle_until(link, OrderState::Paid).await;
    assert_eq!((taken(&shop).await, letters(&shop).await), (2000, 1));
    assert_eq!(shop.stock(1).await, (3, 2, 0), "sold once");
    assert_eq!(shop.count("order_event where to_state = 'paid'").await, 1);
    assert_eq!(shop.purchase.reconcile_payments(since).await.unwrap(), []);
    shop.close().await;
}

/// A failure of the bank's own that it keeps for the key hides the refusal, whether the refusal was reached or not.
#[tokio::test]
async fn a_refusal_behind_a_failure_that_the_bank_keeps_is_found() {
    for effect in ["act_then_500", "keep_500"] {
        let shop = Shop::with_copies(&[3]).await;
        shop.faults(fault("POST /v1/payment_intents/{id}/capture", effect, times(effect))).await;
        let link = ordered(&shop, EXPIRES).await;
        until_failed(&shop, link).await;
        shop.until_payable(link).await;
        shop.pay(link, PAYS).await;
        while shop.order_page(link).await.payment_failed {
            shop.everything_is_due().await;
            shop.purchase.work_once().await.unwrap();
        }
        shop.settle_until(link, OrderState::Paid).await;
        assert_eq!(taken(&shop).await, 2000, "{effect}");
        nothing_is_set_aside(&shop).await;
        shop.close().await;
    }
}

/// The bank may also give the payment up by itself, or somebody does in its dashboard.
#[tokio::test]
async fn a_payment_that_was_given_up_at_the_bank_before_its_capture_is_asked_for_anew() {
    let shop = Shop::with_copies(&[3]).await;
    shop.faults(fault("POST /v1/payment_intents/{id}/capture", "drop", 100)).await;
    let link = ordered(&shop, PAYS).await;
    while shop.state(link).await != OrderState::Paid {
        shop.everything_is_due().await;
        shop.purchase.work_once().await.unwrap();
    }
    let intent = shop.bank_intents().await[0]["id"].as_str().unwrap().to_owned();
    shop.control("cancels", &[("payment_intent", &intent)]).await;
    shop.faults(json!([])).await;
    until_failed(&shop, link).await;
    shop.until_payable(link).await;
    shop.pay(link, PAYS).await;
    // Paid in the last minute: what the bank says counts.
    shop.time_is_up().await;
    while shop.order_page(link).await.payment_failed {
        shop.everything_is_due().await;
        shop.purchase.work_once().await.unwrap();
    }
    shop.settle_until(link, OrderState::Paid).await;
    assert_eq!(taken(&shop).await, 2000);
    shop.close().await;
}

#[tokio::test]
async fn a_sale_that_nobody_pays_anew_is_taken_back_in_time() {
    for opened in [false, true] {
        let shop = Shop::with_copies(&[3]).await;
        let link = ordered(&shop, EXPIRES).await;
        if !opened {
            shop.faults(fault("POST /v1/checkout/sessions", "refuse", 1000)).await;
        }
        until_failed(&shop, link).await;
        if opened {
            shop.until_payable(link).await;
        }
        shop.everything_is_due().await;
        shop.purchase.work_once().await.unwrap();
        assert_eq!(shop.state(link).await, OrderState::Paid, "not before the time is over");
        shop.time_is_up().await;
        shop.settle_until(link, OrderState::Reversed).await;
        assert_eq!(shop.stock(1).await, (5, 2, 0), "what was sold stays sold, and is here again");
        assert_eq!(shop.count("stock_ledger where movement = 'returned' and by_whom = 'worker'").await, 1);
        assert_eq!((taken(&shop).await, letters(&shop).await), (0, 2));
        assert_eq!(shop.purchase.cancel_order(holder(link)).await.unwrap(), CancelOutcome::Wished);
        let since = OffsetDateTime::now_utc() - Duration::HOUR;
        assert_eq!(shop.purchase.reconcile_payments(since).await.unwrap(), []);
        assert_eq!(shop.purchase.reconcile_stock().await.unwrap(), []);
        shop.close().await;
    }
}

#[tokio::test]
async fn a_second_payment_that_fails_too_is_the_last() {
    let shop = Shop::with_copies(&[3]).await;
    let link = ordered(&shop, EXPIRES).await;
    until_failed(&shop, link).await;
    shop.until_payable(link).await;
    shop.pay(link, EXPIRES).await;
    shop.settle_until(link, OrderState::Reversed).await;
    assert_eq!((shop.stock(1).await, taken(&shop).await, letters(&shop).await), ((5, 2, 0), 0, 2));
    assert_eq!(shop.count("payment_attempt where state = 'capture_failed'").await, 2);
    nothing_is_set_aside(&shop).await;
    shop.close().await;
}

/// Whether the bank has its page open, or is being asked for it, or has the money already.
#[tokio::test]
async fn an_order_that_waits_to_be_paid_anew_can_be_cancelled() {
    for (opened, paid) in [(false, false), (true, false), (true, true)] {
        let shop = Shop::with_copies(&[3]).await;
        let link = ordered(&shop, EXPIRES).await;
        until_failed(&shop, link).await;
        if opened {
            shop.until_payable(link).await;
        }
        if paid {
            shop.pay(link, PAYS).await;
        }
        assert_eq!(shop.purchase.cancel_order(holder(link)).await.unwrap(), CancelOutcome::Wished);
        assert!(shop.order_page(link).await.payment.is_none());
        shop.settle_until(link, OrderState::Reversed).await;
        assert_eq!((shop.stock(1).await, taken(&shop).await), ((5, 2, 0), 0));
        nothing_is_set_aside(&shop).await;
        shop.close().await;
    }
}

/// A client was told that it is paid, and is told so again; what came later is on the order's page.
#[tokio::test]
async fn a_clients_answer_stays_what_it_was_when_its_payment_fails_later() {
    let shop = Shop::with_copies(&[3]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let token = shop.token(&guest).await;
    let request = PlaceOrder {
        key: Key::Client(ClientKey::parse("k1").unwrap()),
        token,
        contact: contact(),
        method: Some("pm_card_captureExpired".to_owned()),
    };
    let placed = async || match send(&shop.purchase, &guest, request.clone()).await {
        PlaceOutcome::Placed(placed) => placed,
        other => panic!("{other:?}"),
    };
    let link = placed().await.link;
    until_failed(&shop, link).await;
    shop.until_payable(link).await;
    let again = placed().await;
    assert_eq!((again.progress, again.replayed), (Progress::Paid, true));
    shop.pay(link, PAYS).await;
    while shop.order_page(link).await.payment_failed {
        shop.everything_is_due().await;
        shop.purchase.work_once().await.unwrap();
    }
    shop.settle_until(link, OrderState::Paid).await;
    assert_eq!(placed().await.progress, Progress::Paid);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_hear_of_it_at_once_ask_once_and_capture_once() {
    let shop = Shop::with_copies(&[3]).await;
    let instances = join_all((0..3).map(|_| shop.another_instance())).await;
    let everybody_looks = async || {
        for _ in 0..6 {
            let rounds = instances.iter().map(|instance| async {
                shop.everything_is_due().await;
                instance.work_once().await.unwrap();
            });
            join_all(rounds).await;
        }
    };
    let link = ordered(&shop, EXPIRES).await;
    everybody_looks().await;
    until_failed(&shop, link).await;
    shop.until_payable(link).await;
    assert_eq!((shop.count("payment_attempt").await, letters(&shop).await), (2, 1));
    shop.pay(link, PAYS).await;
    everybody_looks().await;
    shop.settle_until(link, OrderState::Paid).await;
    assert_eq!(taken(&shop).await, 2000);
    shop.close().await;
}
