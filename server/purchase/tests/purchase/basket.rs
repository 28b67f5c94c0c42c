//! The basket: what may be in it, and what becomes of it at sign-in.

use purchase::basket::{Changed, Obstacle};
use purchase::place::PlaceOutcome;

use crate::support::Shop;

#[tokio::test]
async fn what_is_put_in_twice_is_added_up_and_can_be_taken_out() {
    let shop = Shop::with_copies(&[5, 5]).await;
    let guest = shop.guest_with(&[(1, 1), (2, 2), (1, 2)]).await;
    let basket = shop.purchase.basket(&guest).await.unwrap().unwrap();
    let lines: Vec<_> = basket.lines.iter().map(|line| (line.edition, line.quantity)).collect();
    assert_eq!(lines, [(1, 3), (2, 2)]);
    assert_eq!(basket.priced.unwrap().total.goods.minor(), 5000);
    assert_eq!(shop.purchase.set_quantity(&guest, 1, 0).await.unwrap(), Changed::Done);
    assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 2);
    shop.close().await;
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_and_changes_nothing() {
    let shop = Shop::with_copies(&[2, 0]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let token = shop.token(&guest).await;
    let add = |edition, quantity| shop.purchase.add_to_basket(&guest, edition, quantity);
    assert_eq!(add(99, 1).await.unwrap(), Changed::UnknownEdition);
    assert_eq!(add(1, 2).await.unwrap(), Changed::NotEnough { left: 2 });
    assert_eq!(add(2, 1).await.unwrap(), Changed::NotEnough { left: 0 });
    for quantity in [0, -1, i32::MIN, i32::MAX, 1_000_000_000] {
        assert_eq!(add(1, quantity).await.unwrap(), Changed::BadQuantity);
    }
    assert_eq!(shop.purchase.set_quantity(&guest, 1, -1).await.unwrap(), Changed::BadQuantity);
    assert_eq!(shop.token(&guest).await, token);
    shop.close().await;
}

#[tokio::test]
async fn whatever_changes_the_basket_changes_its_token_and_looking_does_not() {
    let shop = Shop::with_copies(&[5]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let before = shop.token(&guest).await;
    assert_eq!(shop.token(&guest).await, before);
    shop.purchase.set_quantity(&guest, 1, 2).await.unwrap();
    assert_ne!(shop.token(&guest).await, before);
    shop.purchase.set_quantity(&guest, 1, 1).await.unwrap();
    assert_ne!(shop.token(&guest).await, before);
    shop.close().await;
}

#[tokio::test]
async fn requests_at_once_make_one_basket_and_lose_nothing() {
    let shop = Shop::with_copies(&[50]).await;
    let guest = identity::testing::guest();
    let adding = (0..8).map(|_| shop.purchase.add_to_basket(&guest, 1, 1));
    for changed in futures::future::join_all(adding).await {
        assert_eq!(changed.unwrap(), Changed::Done);
    }
    assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 8);
    assert_eq!(shop.count("basket").await, 1);
    shop.close().await;
}

#[tokio::test]
async fn a_guests_basket_joins_the_accounts_once() {
    let shop = Shop::with_copies(&[9, 9]).await;
    let guest = shop.guest_with(&[(1, 1), (2, 1)]).await;
    let customer = identity::testing::customer(&shop.test.database, "ada@example.org").await;
    let account = identity::Shopper::from(customer.clone());
    shop.purchase.add_to_basket(&account, 1, 2).await.unwrap();
    shop.link(&guest, &customer).await;
    for _ in 0..2 {
        shop.purchase.gather_baskets(&customer).await.unwrap();
    }
    let basket = shop.purchase.basket(&account).await.unwrap().unwrap();
    let lines: Vec<_> = basket.lines.iter().map(|line| (line.edition, line.quantity)).collect();
    assert_eq!(lines, [(1, 3), (2, 1)]);
    assert!(shop.purchase.basket(&guest).await.unwrap().is_none());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_and_ordering_at_once_ends_in_one_order_and_no_error() {
    let shop = Shop::with_copies(&[1000]).await;
    for _ in 0..10 {
        let guest = shop.guest_with(&[(1, 1)]).await;
        let token = shop.token(&guest).await;
        let changing = async {
            for _ in 0..5 {
                shop.purchase.add_to_basket(&guest, 1, 1).await.unwrap();
            }
        };
        let ordering = async { shop.place(&guest, token).await };
        tokio::join!(changing, ordering);
    }
    assert_eq!(shop.count("(select basket_id from orders group by basket_id having count(*) > 1) as twice").await, 0);
    shop.close().await;
}

#[tokio::test]
async fn what_two_baskets_hold_together_is_capped_by_the_stock_and_says_so() {
    let shop = Shop::with_copies(&[3, 9]).await;
    let guest = shop.guest_with(&[(1, 2), (2, 4)]).await;
    let customer = identity::testing::customer(&shop.test.database, "ada@example.org").await;
    let account = identity::Shopper::from(customer.clone());
    shop.purchase.add_to_basket(&account, 1, 2).await.unwrap();
    shop.link(&guest, &customer).await;
    // The last copies of the second are gone by now: its line stays, to be seen.
    shop.sql("update stock set received = 0 where edition_id = 2").await;
    shop.purchase.gather_baskets(&customer).await.unwrap();
    let basket = shop.purchase.basket(&account).await.unwrap().unwrap();
    let lines: Vec<_> = basket.lines.iter().map(|line| (line.edition, line.quantity, line.wanted)).collect();
    assert_eq!(lines, [(1, 3, Some(4)), (2, 4, None)]);
    // Whoever decides anew need not be told any more.
    shop.purchase.set_quantity(&account, 1, 1).await.unwrap();
    let basket = shop.purchase.basket(&account).await.unwrap().unwrap();
    assert_eq!((basket.lines[0].quantity, basket.lines[0].wanted), (1, None));
    shop.sql("update stock set received = 9 where edition_id = 2").await;
    shop.close().await;
}

#[tokio::test]
async fn two_currencies_never_lie_in_one_order() {
    let shop = Shop::with_copies(&[5, 5]).await;
    shop.sql("update offer set currency = 'USD' where edition_id = 2").await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    assert_eq!(shop.purchase.add_to_basket(&guest, 2, 1).await.unwrap(), Changed::OtherCurrency);
    shop.sql("update offer set currency = 'EUR'").await;
    shop.purchase.add_to_basket(&guest, 2, 1).await.unwrap();
    let token = shop.token(&guest).await;
    shop.sql("update offer set currency = 'USD' where edition_id = 2").await;
    let basket = shop.purchase.basket(&guest).await.unwrap().unwrap();
    assert_eq!(basket.priced.unwrap_err(), Obstacle::MixedCurrencies);
    assert_eq!(shop.place(&guest, token).await, PlaceOutcome::BasketChanged);
    assert_eq!(shop.stock(1).await, (5, 0, 0));
    shop.close().await;
}

#[tokio::test]
async fn a_price_that_has_changed_is_told_until_the_shopper_decides_anew() {
    let shop = Shop::with_copies(&[5]).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let token = shop.token(&guest).await;
    shop.sql("update offer set price = 1200").await;
    assert_eq!(shop.place(&guest, token).await, PlaceOutcome::BasketChanged);
    let line = &shop.purchase.basket(&guest).await.unwrap().unwrap().lines[0];
    assert_eq!(line.price_then.map(|then| then.minor()), Some(1000));
    shop.purchase.set_quantity(&guest, 1, 2).await.unwrap();
    assert_eq!(shop.purchase.basket(&guest).await.unwrap().unwrap().lines[0].price_then, None);
    shop.close().await;
}
