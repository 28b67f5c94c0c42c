//! Money that goes back: after the sale, in whole and in part, by us and at the bank; disputes.

use futures::future::join_all;
use purchase::money::{Currency, Money};
use purchase::order::cancel::CancelOutcome;
use purchase::order::{OrderLink, OrderState, Returned};
use purchase::{RefundOrder, RefundOutcome};
use serde_json::json;
use uuid::Uuid;

use crate::support::{EXPIRES, PAYS, Shop, fault, holder, times};

async fn bought(shop: &Shop) -> OrderLink {
    let guest = shop.guest_with(&[(1, 2)]).await;
    let order = shop.order(&guest).await;
    shop.pay(order.link, PAYS).await;
    shop.settle_until(order.link, OrderState::Paid).await;
    order.link
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::Eur)
}

/// As staff do, under a new id.
async fn give_back(shop: &Shop, link: OrderLink, amount: impl Into<Option<i64>>) -> RefundOutcome {
    let order = shop.order_page(link).await.number;
    shop.purchase
        .refund_order(&RefundOrder { id: Uuid::now_v7(), order, amount: amount.into().map(eur) })
        .await
        .unwrap()
}

async fn given_back(shop: &Shop, link: OrderLink, expected: &[Returned]) {
    for _ in 0..200 {
        shop.sql("update refund set due_at = utc_timestamp(6) where state in ('owed', 'pending')").await;
        shop.sql("update webhook_event set next_at = utc_timestamp(6)").await;
        shop.purchase.work_once().await.unwrap();
        if shop.order_page(link).await.returned == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(shop.order_page(link).await.returned, expected);
}

#[tokio::test]
async fn a_paid_order_that_is_cancelled_gives_copies_and_money_back_once() {
    let shop = Shop::with_copies(&[3]).await;
    let link = bought(&shop).await;
    let cancels = join_all((0..6).map(|_| shop.purchase.cancel_order(holder(link)))).await;
    assert!(cancels.into_iter().all(|outcome| outcome.unwrap() == CancelOutcome::Refunded));
    given_back(&shop, link, &[Returned { amount: eur(2000), done: true }]).await;
    assert_eq!(shop.state(link).await, OrderState::Refunded);
    // A returned copy raises what was received; what was sold stays sold.
    assert_eq!(shop.stock(1).await, (5, 2, 0));
    assert_eq!(shop.bank_intents().await[0]["refunded"], 2000);
    assert_eq!(shop.count("outbox where type = 'payment.returned'").await, 1);
    shop.close().await;
}

/// An order of two copies that is sold, and whose money is still only set aside.
async fn sold_not_captured(shop: &Shop, card: &str) -> OrderLink {
    let guest = shop.guest_with(&[(1, 2)]).await;
    let order = shop.order(&guest).await;
    shop.faults(fault("POST /v1/payment_intents/{id}/capture", "drop", 50)).await;
    shop.pay(order.link, card).await;
    for _ in 0..100 {
        shop.everything_is_due().await;
        shop.purchase.work_once().await.unwrap();
        if shop.state(order.link).await == OrderState::Paid {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    order.link
}

/// Where the money was only set aside, it is not taken first; what staff had begun to give back of it is given up too.
#[tokio::test]
async fn a_sale_whose_money_was_not_taken_yet_is_voided() {
    let shop = Shop::with_copies(&[3]).await;
    let link = sold_not_captured(&shop, PAYS).await;
    assert_eq!(give_back(&shop, link, 500).await, RefundOutcome::Owed(eur(500)));
    assert_eq!(shop.purchase.cancel_order(holder(link)).await.unwrap(), CancelOutcome::Refunded);
    shop.faults(json!([])).await;
    let both = [Returned { amount: eur(500), done: true }, Returned { amount: eur(1500), done: true }];
    given_back(&shop, link, &both).await;
    assert_eq!(shop.count("payment_attempt where state = 'voided'").await, 1);
    assert_eq!(shop.bank_intents().await[0]["captured"], 0);
    shop.close().await;
}

/// Cases 15, 16 and 22 for money that goes back: whatever becomes of the call, it goes back once.
#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_made_once() {
    for effect in ["drop", "act_then_drop", "act_then_500", "keep_500", "refuse"] {
        let shop = Shop::with_copies(&[3]).await;
        let link = bought(&shop).await;
        shop.faults(fault("POST /v1/refunds", effect, times(effect))).await;
        shop.purchase.cancel_order(holder(link)).await.unwrap();
        given_back(&shop, link, &[Returned { amount: eur(2000), done: true }]).await;
        assert_eq!(shop.bank_intents().await[0]["refunded"], 2000, "{effect}");
        assert_eq!(shop.count("refund").await, 1, "{effect}");
        shop.close().await;
    }
}

/// Refunds made in the bank's dashboard arrive by webhook and are booked; ours then gives back what is left.
#[tokio::test]
async fn money_given_back_at_the_bank_is_booked_and_never_given_back_again() {
    let shop = Shop::with_copies(&[3]).await;
    let link = bought(&shop).await;
    let intent = shop.bank_intents().await[0]["id"].as_str().unwrap().to_owned();
    shop.control("refunds", &[("payment_intent", intent.as_str()), ("amount", "500")]).await;
    shop.tell("refund.created", &intent, "re_1").await;
    given_back(&shop, link, &[Returned { amount: eur(500), done: true }]).await;
    // Told twice, booked once.
    shop.tell("refund.updated", &intent, "re_1").await;
    given_back(&shop, link, &[Returned { amount: eur(500), done: true }]).await;
    shop.purchase.cancel_order(holder(link)).await.unwrap();
    let both = [Returned { amount: eur(500), done: true }, Returned { amount: eur(1500), done: true }];
    given_back(&shop, link, &both).await;
    assert_eq!(shop.bank_intents().await[0]["refunded"], 2000);
    shop.close().await;
}

#[tokio::test]
async fn a_dispute_at_the_bank_is_booked_and_shown_until_it_is_won() {
    let shop = Shop::with_copies(&[3]).await;
    let link = bought(&shop).await;
    let intent = shop.bank_intents().await[0]["id"].as_str().unwrap().to_owned();
    let dispute = shop.control("disputes", &[("payment_intent", intent.as_str())]).await;
    let id = dispute["id"].as_str().unwrap().to_owned();
    shop.tell("charge.dispute.created", &intent, &id).await;
    shop.purchase.work_once().await.unwrap();
    assert!(shop.order_page(link).await.disputed);
    shop.control(&format!("disputes/{id}"), &[("status", "won")]).await;
    shop.tell("charge.dispute.closed", &intent, &id).await;
    shop.purchase.work_once().await.unwrap();
    assert!(!shop.order_page(link).await.disputed);
    assert_eq!(shop.count("dispute where state = 'won'").await, 1);
    shop.close().await;
}

/// The database refuses a step that cannot be, whoever writes it.
#[tokio::test]
async fn an_impossible_step_is_refused_by_the_database_too() {
    let shop = Shop::with_copies(&[3]).await;
    let link = bought(&shop).await;
    let impossible = "insert into order_event (order_id, from_state, to_state, by_whom) \
                      select id, 'paid', 'awaiting_payment', 'nobody' from orders";
    let refused = sqlx::query(impossible).execute(shop.test.database.pool()).await.unwrap_err();
    assert!(refused.as_database_error().unwrap().is_foreign_key_violation());
    assert_eq!(shop.state(link).await, OrderState::Paid);
    shop.close().await;
}

#[tokio::test]
async fn staff_give_back_parts_never_more_than_was_paid_and_one_id_once() {
    let shop = Shop::with_copies(&[3]).await;
    let link = bought(&shop).await;
    let order = shop.order_page(link).await.number;
    let wish = RefundOrder { id: Uuid::now_v7(), order, amount: Some(eur(500)) };
    let asked = join_all((0..6).map(|_| shop.purchase.refund_order(&wish))).await;
    assert!(asked.into_iter().all(|outcome| outcome.unwrap() == RefundOutcome::Owed(eur(500))));
    let other = RefundOrder { amount: Some(eur(600)), ..wish.clone() };
    assert_eq!(shop.purchase.refund_order(&other).await.unwrap(), RefundOutcome::IdReused);
    let foreign = RefundOrder { id: Uuid::now_v7(), amount: Some(Money::new(500, Currency::Usd)), ..wish.clone() };
    let refused = RefundOutcome::BadAmount { left: eur(1500) };
    assert_eq!(shop.purchase.refund_order(&foreign).await.unwrap(), refused);
    for amount in [0, -1, 1501, i64::MAX] {
        assert_eq!(give_back(&shop, link, amount).await, refused, "{amount}");
    }
    given_back(&shop, link, &[Returned { amount: eur(500), done: true }]).await;
    let since = time::OffsetDateTime::now_utc() - time::Duration::HOUR;
    assert_eq!(shop.purchase.reconcile_payments(since).await.unwrap(), []);
    assert_eq!(give_back(&shop, link, None).await, RefundOutcome::Owed(eur(1500)));
    assert_eq!(shop.purchase.reconcile_payments(since).await.unwrap(), [], "what is under way is no difference");
    assert_eq!(give_back(&shop, link, None).await, RefundOutcome::BadAmount { left: eur(0) });
    let both = [Returned { amount: eur(500), done: true }, Returned { amount: eur(1500), done: true }];
    given_back(&shop, link, &both).await;
    assert_eq!(
        (shop.state(link).await, shop.stock(1).await),
        (OrderState::Paid, (3, 2, 0)),
        "the books are sent all the same"
    );
    assert_eq!(shop.bank_intents().await[0]["refunded"], 2000);
    assert_eq!(shop.count("outbox where type = 'payment.returned' and payload like '%by_shop%'").await, 2);
    // Who cancels then gives the books back, and there is no money left to give back.
    assert_eq!(shop.purchase.cancel_order(holder(link)).await.unwrap(), CancelOutcome::Refunded);
    assert_eq!((shop.count("refund").await, shop.stock(1).await), (2, (5, 2, 0)));
    shop.close().await;
}

#[tokio::test]
async fn what_was_never_paid_is_not_given_back() {
    let shop = Shop::with_copies(&[3]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let link = shop.order(&guest).await.link;
    assert_eq!(give_back(&shop, link, None).await, RefundOutcome::NotPaid);
    let nobodys = RefundOrder { id: Uuid::now_v7(), order: "0000-0000".to_owned(), amount: None };
    assert_eq!(shop.purchase.refund_order(&nobodys).await.unwrap(), RefundOutcome::Unknown);
    assert_eq!(shop.count("refund").await, 0);
    shop.close().await;
}

/// Money is given back once it was taken, all of it too; where it never comes, there is nothing to give back.
#[tokio::test]
async fn what_staff_give_back_waits_until_the_money_was_taken() {
    for card in [PAYS, EXPIRES] {
        let shop = Shop::with_copies(&[3]).await;
        let link = sold_not_captured(&shop, card).await;
        let wish = RefundOrder { id: Uuid::now_v7(), order: shop.order_page(link).await.number, amount: None };
        assert_eq!(shop.purchase.refund_order(&wish).await.unwrap(), RefundOutcome::Owed(eur(2000)));
        shop.purchase.work_once().await.unwrap();
        assert_eq!(shop.order_page(link).await.returned, [Returned { amount: eur(2000), done: false }]);
        shop.faults(json!([])).await;
        while shop.count("payment_attempt where state = 'authorised'").await > 0 {
            shop.everything_is_due().await;
            shop.purchase.work_once().await.unwrap();
        }
        if card == PAYS {
            given_back(&shop, link, &[Returned { amount: eur(2000), done: true }]).await;
            assert_eq!(shop.bank_intents().await[0]["refunded"], 2000);
        } else {
            assert_eq!(shop.count("refund where state = 'failed'").await, 1);
            assert_eq!(shop.order_page(link).await.returned, []);
            assert_eq!(shop.purchase.refund_order(&wish).await.unwrap(), RefundOutcome::Failed);
            shop.time_is_up().await;
            shop.settle_until(link, OrderState::Reversed).await;
        }
        shop.close().await;
    }
}
