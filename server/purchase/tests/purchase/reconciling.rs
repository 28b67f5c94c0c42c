//! Holding the books against each other: silent while they agree, and naming what does not. Nothing of what is found here
//! is the shop's doing: somebody writes into its books.

use purchase::order::OrderState;
use purchase::reconcile::Difference;
use time::{Duration, OffsetDateTime};

use crate::support::{PAYS, Shop};

/// A shop with this many paid orders, and one that is not paid yet: the numbers of the paid ones.
async fn shop_with(paid: usize) -> (Shop, Vec<String>) {
    let shop = Shop::with_copies(&[9]).await;
    let mut numbers = Vec::new();
    for _ in 0..paid {
        let guest = shop.guest_with(&[(1, 1)]).await;
        let order = shop.order(&guest).await;
        shop.pay(order.link, PAYS).await;
        shop.settle_until(order.link, OrderState::Paid).await;
        numbers.push(shop.order_page(order.link).await.number);
    }
    let open = shop.guest_with(&[(1, 1)]).await;
    shop.order(&open).await;
    assert_eq!(found(&shop).await, []);
    assert_eq!(shop.purchase.reconcile_stock().await.unwrap(), []);
    (shop, numbers)
}

async fn found(shop: &Shop) -> Vec<Difference> {
    shop.purchase.reconcile_payments(OffsetDateTime::now_utc() - Duration::HOUR).await.unwrap()
}

/// Changes the attempt of an order.
async fn spoil(shop: &Shop, number: &str, change: &str) {
    shop.sql(&format!(
        "update payment_attempt set {change} where order_id = (select id from orders where number = '{number}')"
    ))
    .await;
}

#[tokio::test]
async fn amounts_that_differ_are_named() {
    let (shop, numbers) = shop_with(2).await;
    let order = numbers[0].clone();
    for (change, here) in [("amount = 900", 900), ("state = 'closed', amount = 1000", 0)] {
        spoil(&shop, &order, change).await;
        assert_eq!(found(&shop).await, [Difference::Amounts { order: order.clone(), there: 1000, here }], "{change}");
    }
    shop.test.drop().await;
}

#[tokio::test]
async fn a_refund_that_the_shop_does_not_know_of_is_named() {
    let (shop, numbers) = shop_with(1).await;
    let intent = shop.bank_intents().await[0]["id"].as_str().unwrap().to_owned();
    shop.control("refunds", &[("payment_intent", &intent), ("amount", "300")]).await;
    assert_eq!(found(&shop).await, [Difference::Amounts { order: numbers[0].clone(), there: 700, here: 1000 }]);
    shop.test.drop().await;
}

#[tokio::test]
async fn money_at_the_bank_that_no_order_knows_of_is_named() {
    let (shop, _) = shop_with(2).await;
    let intents = shop.bank_intents().await;
    shop.sql("delete from payment_attempt where state = 'captured'").await;
    let mut named = found(&shop).await;
    named.sort_by_key(|found| format!("{found}"));
    let mut expected: Vec<Difference> = intents
        .iter()
        .map(|intent| Difference::PaidThereNotHere { intent: intent["id"].as_str().unwrap().to_owned(), net: 1000 })
        .collect();
    expected.sort_by_key(|found| format!("{found}"));
    assert_eq!(named, expected);
    shop.test.drop().await;
}

#[tokio::test]
async fn an_order_that_was_paid_here_and_not_at_the_bank_is_named() {
    let (shop, numbers) = shop_with(1).await;
    shop.sql("update payment_attempt set state = 'captured' where state = 'open'").await;
    let order: String = sqlx::query_scalar("select number from orders where state = 'awaiting_payment'")
        .fetch_one(shop.test.database.pool())
        .await
        .unwrap();
    assert_ne!(order, numbers[0]);
    assert_eq!(found(&shop).await, [Difference::PaidHereNotThere { order, net: 1000 }]);
    shop.test.drop().await;
}

#[tokio::test]
async fn an_order_that_was_paid_twice_is_named_with_both_payments() {
    let (shop, numbers) = shop_with(2).await;
    let first = format!("(select id from orders where number = '{}')", numbers[0]);
    spoil(&shop, &numbers[1], &format!("number = 2, order_id = {first}")).await;
    let mut intents: Vec<String> =
        shop.bank_intents().await.iter().map(|intent| intent["id"].as_str().unwrap().to_owned()).collect();
    intents.sort();
    let mut named = found(&shop).await;
    for difference in &mut named {
        if let Difference::Twice { intents, .. } = difference {
            intents.sort();
        }
    }
    assert_eq!(named, [Difference::Twice { order: numbers[0].clone(), intents }]);
    shop.test.drop().await;
}

#[tokio::test]
async fn a_stock_row_that_has_drifted_is_named_with_what_holds_and_ledger_say() {
    let (shop, _) = shop_with(3).await;
    for (change, figure, row, holds, ledger) in [
        ("held = held + 1", "held", 2, 1, 1),
        ("held = held - 1, sell_count = sell_count + 1", "sell_count", 4, 3, 3),
        ("sell_count = sell_count - 1, received = received + 1", "received", 10, 9, 9),
    ] {
        shop.sql(&format!("update stock set {change}")).await;
        let drift = shop.purchase.reconcile_stock().await.unwrap();
        assert_eq!(drift.len(), 1, "{drift:?}");
        let found = &drift[0];
        assert_eq!((found.figure, found.row, found.holds, found.ledger), (figure, row, holds, ledger));
    }
    shop.test.drop().await;
}
