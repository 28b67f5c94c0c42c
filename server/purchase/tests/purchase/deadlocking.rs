//! Case 30: a deadlock (1213) at every statement of every transaction, the COMMIT included, one after the other. The
//! transaction is run again as a whole, and nothing happens twice.

use database::testing::{Line, Trouble};
use identity::Shopper;
use purchase::Purchase;
use purchase::order::cancel::CancelOutcome;
use purchase::place::Progress;
use purchase::total::Discount;
use tempfile::TempDir;

use crate::client::{DECLINED, VISA, captured, order_of, progress, request};
use crate::redeeming::{card, code, eur, redeem};
use crate::support::{Shop, holder, send};

/// A shop with a discount code, and an instance of it whose transactions can be made to fail.
async fn shop_on_a_line() -> (Shop, Purchase, Line, TempDir) {
    let (shop, folder) = (Shop::with_copies(&[500]).await, tempfile::tempdir().unwrap());
    code(&shop, "TENTH", Discount::Percentage { basis_points: 1000 }, None).await;
    let line = Line::lay(&shop.test.url, folder.path());
    let purchase = shop.instance_at(&line.url).await;
    (shop, purchase, line, folder)
}

/// Somebody who redeems a code and a gift card, so that no statement is left out.
async fn guest(shop: &Shop) -> Shopper {
    let guest = shop.guest_with(&[(1, 1)]).await;
    let card = card(shop, 300).await;
    redeem(shop, &guest, "TENTH").await;
    redeem(shop, &guest, &card).await;
    guest
}

/// Lets `work` run into a deadlock at its first statement, then at its second, and so on, until it has no more.
async fn at_every_statement(line: &Line, mut work: impl AsyncFnMut()) -> u32 {
    for statements in 0.. {
        let before = line.troubles().len();
        line.deadlock_after(statements);
        work().await;
        if line.troubles().len() == before {
            line.mend();
            return statements;
        }
        assert_eq!(line.troubles().last(), Some(&Trouble::Deadlock));
    }
    0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_with_a_deadlock_at_any_statement_is_one_purchase() {
    let (shop, purchase, line, _folder) = shop_on_a_line().await;
    let statements = at_every_statement(&line, async || {
        let guest = guest(&shop).await;
        let token = shop.token(&guest).await;
        let outcome = send(&purchase, &guest, request("k1", token, VISA)).await;
        assert_eq!(progress(&outcome), Progress::Paid);
        captured(&shop).await;
    })
    .await;
    let orders = i64::from(statements) + 1;
    assert!(orders > 20, "{statements} statements");
    assert_eq!(shop.count("orders where state = 'paid'").await, orders);
    assert_eq!(shop.count("outbox").await, orders);
    let charges = shop.bank_intents().await;
    assert!(charges.iter().all(|intent| intent["captured"] == 600));
    assert_eq!(i64::try_from(charges.len()).unwrap(), orders);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_purchase_with_a_deadlock_at_any_statement_leaves_everything_as_it_was() {
    let (shop, purchase, line, _folder) = shop_on_a_line().await;
    at_every_statement(&line, async || {
        let guest = guest(&shop).await;
        let token = shop.token(&guest).await;
        let outcome = send(&purchase, &guest, request("k1", token, DECLINED)).await;
        assert_eq!(progress(&outcome), Progress::Declined { code: "insufficient_funds".to_owned() });
        assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 1);
    })
    .await;
    assert_eq!(shop.stock(1).await, (500, 0, 0));
    assert_eq!(shop.count("discount_use where state <> 'released'").await, 0);
    assert_eq!(shop.count("gift_card where held + spent > 0").await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_given_back_with_a_deadlock_at_any_statement_is_given_back_once() {
    let (shop, purchase, line, _folder) = shop_on_a_line().await;
    let mut given_back = 0;
    at_every_statement(&line, async || {
        let guest = guest(&shop).await;
        let token = shop.token(&guest).await;
        let link = order_of(&send(&shop.purchase, &guest, request("k1", token, VISA)).await).link;
        captured(&shop).await;
        assert_eq!(purchase.cancel_order(holder(link)).await.unwrap(), CancelOutcome::Refunded);
        while shop.count("refund where state <> 'done'").await > 0 {
            shop.sql("update refund set due_at = utc_timestamp(6) where state <> 'done'").await;
            purchase.work_once().await.unwrap();
        }
        given_back += 1;
    })
    .await;
    assert_eq!(shop.stock(1).await, (500 + given_back, given_back, 0));
    assert_eq!(shop.count("refund").await, i64::from(given_back));
    assert!(shop.bank_intents().await.iter().all(|intent| intent["refunded"] == eur(600).minor()));
    shop.close().await;
}
