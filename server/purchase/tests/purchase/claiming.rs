//! Orders that were made as a guest, and the account that has proved their address.

use identity::{Customer, testing};
use purchase::order::{OrderLink, OrderState};

use crate::support::Shop;

async fn customer(shop: &Shop, email: &str) -> Customer {
    testing::customer(&shop.test.database, email).await
}

/// The links of a customer's orders, newest first.
async fn orders_of(shop: &Shop, customer: &Customer) -> Vec<OrderLink> {
    shop.purchase.orders_of(customer).await.unwrap().into_iter().map(|order| order.link).collect()
}

async fn claim(shop: &Shop, customer: &Customer) -> Vec<OrderLink> {
    shop.purchase.claim_orders(&testing::address_owner(customer)).await.unwrap();
    orders_of(shop, customer).await
}

#[tokio::test]
async fn a_guests_orders_are_those_of_who_has_proved_the_address_however_it_is_spelt() {
    let shop = Shop::with_copies(&[9]).await;
    let ada = customer(&shop, "Ada@Example.org").await;
    let eve = customer(&shop, "eve@example.org").await;
    let (_, first) = shop.order_as_guest(" ada@example.org").await;
    let (_, second) = shop.order_as_guest("ADA@EXAMPLE.ORG").await;
    assert!(orders_of(&shop, &ada).await.is_empty(), "an account with the address is not yet its owner");
    assert_eq!(claim(&shop, &ada).await, [second.link, first.link]);
    assert!(claim(&shop, &eve).await.is_empty());
    shop.close().await;
}

/// The database's collation takes each of these for the same address.
#[tokio::test]
async fn what_only_looks_like_the_address_is_not_claimed() {
    let shop = Shop::with_copies(&[9]).await;
    let ada = customer(&shop, "ada@example.org").await;
    let strasse = customer(&shop, "strasse@example.org").await;
    for other in ["adá@example.org", "ａda@example.org", "straße@example.org", "ad@example.org", "ada@example.orgs"]
    {
        shop.order_as_guest(other).await;
    }
    let alike = "orders where email in ('ada@example.org', 'strasse@example.org')";
    assert_eq!(shop.count(alike).await, 3, "the database finds them");
    assert!(claim(&shop, &ada).await.is_empty());
    assert!(claim(&shop, &strasse).await.is_empty());
    assert_eq!(shop.count("orders where claimed_by is not null").await, 0);
    shop.close().await;
}

#[tokio::test]
async fn an_order_that_an_account_has_is_never_claimed() {
    let shop = Shop::with_copies(&[9]).await;
    let (ada, eve) = (customer(&shop, "ada@example.org").await, customer(&shop, "eve@example.org").await);
    // Eve as a guest and as herself, both times with an address that is not hers.
    let (guest, as_guest) = shop.order_as_guest("ada@example.org").await;
    shop.link(&guest, &eve).await;
    let herself = eve.clone().into();
    shop.purchase.add_to_basket(&herself, 1, 1).await.unwrap();
    let signed_in = shop.order(&herself).await;
    assert!(claim(&shop, &ada).await.is_empty());
    assert_eq!(orders_of(&shop, &eve).await, [signed_in.link, as_guest.link]);
    assert_eq!(shop.count("orders where claimed_by is not null").await, 0);
    shop.close().await;
}

#[tokio::test]
async fn claiming_again_changes_nothing_and_finds_what_has_come_since() {
    let shop = Shop::with_copies(&[9]).await;
    let ada = customer(&shop, "ada@example.org").await;
    let (_, first) = shop.order_as_guest("ada@example.org").await;
    let owner = testing::address_owner(&ada);
    let claim = || shop.purchase.claim_orders(&owner);
    let (a, b, c) = tokio::join!(claim(), claim(), claim());
    a.and(b).and(c).unwrap();
    assert_eq!(orders_of(&shop, &ada).await, [first.link]);
    let (_, second) = shop.order_as_guest("ada@example.org").await;
    assert_eq!(orders_of(&shop, &ada).await, [first.link]);
    claim().await.unwrap();
    assert_eq!(orders_of(&shop, &ada).await, [second.link, first.link]);
    shop.close().await;
}

/// The same person at one browser: each order is there once.
#[tokio::test]
async fn what_was_claimed_and_then_came_along_with_the_browser_is_listed_once() {
    let shop = Shop::with_copies(&[9]).await;
    let ada = customer(&shop, "ada@example.org").await;
    let (guest, placed) = shop.order_as_guest("ada@example.org").await;
    claim(&shop, &ada).await;
    shop.link(&guest, &ada).await;
    assert_eq!(orders_of(&shop, &ada).await, [placed.link]);
    shop.close().await;
}

/// An address is no key to a browser: what lies in a guest's basket there stays the guest's.
#[tokio::test]
async fn a_claimed_order_brings_nothing_else_of_the_guest_along_and_takes_no_step() {
    let shop = Shop::with_copies(&[9, 9]).await;
    let ada = customer(&shop, "ada@example.org").await;
    let (guest, placed) = shop.order_as_guest("ada@example.org").await;
    shop.purchase.add_to_basket(&guest, 2, 3).await.unwrap();
    let steps = shop.count("order_event").await;
    claim(&shop, &ada).await;
    shop.purchase.gather_baskets(&ada).await.unwrap();
    assert_eq!(shop.purchase.basket_count(&ada.clone().into()).await.unwrap(), 0);
    assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 3);
    assert_eq!(shop.count("shopper where customer_id <> (select id from customer)").await, 0);
    assert_eq!(shop.count("shopper").await, 1, "the account's own");
    assert_eq!((shop.count("order_event").await, shop.state(placed.link).await), (steps, OrderState::AwaitingPayment));

    // Unpaid, its lines go back to the browser in which they were chosen.
    shop.until_payable(placed.link).await;
    shop.purchase.cancel_order(crate::support::holder(placed.link)).await.unwrap();
    shop.settle_until(placed.link, OrderState::Cancelled).await;
    assert_eq!(shop.purchase.basket_count(&guest).await.unwrap(), 4);
    assert_eq!(shop.purchase.basket_count(&ada.clone().into()).await.unwrap(), 0);
    assert_eq!(orders_of(&shop, &ada).await, [placed.link]);
    shop.close().await;
}
