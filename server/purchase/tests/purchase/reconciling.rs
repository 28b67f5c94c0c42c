//! Holding the books against each other: silent while they agree, and naming what does not.

use purchase::order::OrderState;
use purchase::reconcile::Difference;
use time::{Duration, OffsetDateTime};

use crate::support::{PAYS, Shop};

#[tokio::test]
async fn books_that_agree_are_silent_and_each_difference_is_named() {
    let shop = Shop::with_copies(&[9]).await;
    let since = OffsetDateTime::now_utc() - Duration::HOUR;
    let mut links = Vec::new();
    for _ in 0..3 {
        let guest = shop.guest_with(&[(1, 1)]).await;
        let order = shop.order(&guest).await;
        shop.pay(order.link, PAYS).await;
        shop.settle_until(order.link, OrderState::Paid).await;
        links.push(order.link);
    }
    let open = shop.guest_with(&[(1, 1)]).await;
    shop.order(&open).await;
    let number = shop.order_page(links[0]).await.number;
    assert_eq!(shop.purchase.reconcile_payments(since).await.unwrap(), []);
    assert_eq!(shop.purchase.reconcile_stock().await.unwrap(), []);

    // Nothing of this is the shop's doing: somebody writes into its books.
    let spoilt = [
        ("amount = 900", vec![Difference::Amounts { order: number.clone(), there: 1000, here: 900 }]),
        ("state = 'closed'", vec![Difference::Amounts { order: number.clone(), there: 1000, here: 0 }]),
    ];
    let of_first = format!("where order_id = (select id from orders where number = '{number}')");
    for (change, expected) in spoilt {
        shop.sql(&format!("update payment_attempt set {change} {of_first}")).await;
        assert_eq!(shop.purchase.reconcile_payments(since).await.unwrap(), expected, "{change}");
        shop.sql(&format!("update payment_attempt set amount = 1000, state = 'captured' {of_first}")).await;
    }
    let intent = shop.bank_intents().await.iter().find(|intent| intent["captured"] == 1000).unwrap()["id"].clone();
    shop.sql("set foreign_key_checks = 0").await;
    shop.sql(&format!(
        "update payment_attempt set id = unhex('00000000000000000000000000000001') where intent_id = '{}'",
        intent.as_str().unwrap()
    ))
    .await;
    let found = shop.purchase.reconcile_payments(since).await.unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.contains(&Difference::PaidThereNotHere { intent: intent.as_str().unwrap().to_owned(), net: 1000 }));
    assert!(found.iter().any(|found| matches!(found, Difference::PaidHereNotThere { net: 1000, .. })));

    shop.sql("update stock set held = held + 1").await;
    let drift = shop.purchase.reconcile_stock().await.unwrap();
    assert_eq!(drift.len(), 1);
    assert_eq!((drift[0].figure, drift[0].row, drift[0].holds, drift[0].ledger), ("held", 2, 1, 1));
    shop.test.drop().await;
}
