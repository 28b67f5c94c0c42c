//! What an order costs besides its books: delivery, discount codes, gift cards; and that what was redeemed ends with the
//! order, whichever way that goes.

use futures::future::join_all;
use identity::Shopper;
use purchase::basket::{Basket, BasketDelivery, DeliveryChanged, Obstacle, Redeemable, Redeemed};
use purchase::money::{Currency, Money};
use purchase::order::OrderState;
use purchase::place::idempotency::Refusal;
use purchase::place::{PlaceOutcome, Placed, Progress};
use purchase::total::Discount;
use purchase::total::cards::{self, CardRefused};
use purchase::total::codes::{self, CodeRefused, Created, NewCode};
use time::macros::datetime;

use crate::support::{EXPIRES, PAYS, Shop, holder};

pub fn eur(cents: i64) -> Money {
    Money::new(cents, Currency::Eur)
}

pub async fn code(shop: &Shop, code: &str, discount: Discount, most: Option<u32>) {
    let new = NewCode {
        code: code.to_owned(),
        discount,
        starts_at: datetime!(2020-01-01 00:00),
        ends_at: None,
        most_uses: most,
        most_per_customer: None,
    };
    let mut connection = shop.test.database.pool().acquire().await.unwrap();
    assert!(matches!(codes::create(&mut connection, &new).await.unwrap(), Created::Done(_)));
}

pub async fn card(shop: &Shop, cents: i64) -> String {
    let mut connection = shop.test.database.pool().acquire().await.unwrap();
    cards::issue(&mut connection, eur(cents), "staff").await.unwrap().code.to_string()
}

pub async fn redeem(shop: &Shop, shopper: &Shopper, typed: &str) -> Redeemed {
    shop.purchase.redeem(shopper, typed).await.unwrap()
}

async fn basket(shop: &Shop, shopper: &Shopper) -> Basket {
    shop.purchase.basket(shopper).await.unwrap().unwrap()
}

async fn to_pay(shop: &Shop, shopper: &Shopper) -> i64 {
    basket(shop, shopper).await.priced.unwrap().total.to_pay.minor()
}

/// Held and used of the one code, held and spent of the one card.
pub async fn redeemed(shop: &Shop) -> (i64, i64, i64, i64) {
    sqlx::query_as(
        "select (select cast(coalesce(sum(held), 0) as signed) from discount_code),
                (select cast(coalesce(sum(used), 0) as signed) from discount_code),
                (select cast(coalesce(sum(held), 0) as signed) from gift_card),
                (select cast(coalesce(sum(spent), 0) as signed) from gift_card)",
    )
    .fetch_one(shop.test.database.pool())
    .await
    .unwrap()
}

/// A guest with two books at 10 € who takes a tenth off by code and pays 5 € by card.
async fn guest_who_redeems(shop: &Shop) -> Shopper {
    code(shop, "TENTH", Discount::Percentage { basis_points: 1000 }, Some(1)).await;
    let card = card(shop, 500).await;
    let guest = shop.guest_with(&[(1, 2)]).await;
    assert_eq!(redeem(shop, &guest, " tenth ").await, Redeemed::Done(Redeemable::DiscountCode));
    assert_eq!(redeem(shop, &guest, &card.to_lowercase()).await, Redeemed::Done(Redeemable::GiftCard));
    guest
}

#[tokio::test]
async fn a_paid_order_uses_its_code_and_spends_its_card_and_one_given_back_returns_both() {
    let shop = Shop::with_copies(&[5]).await;
    let guest = guest_who_redeems(&shop).await;
    assert_eq!(to_pay(&shop, &guest).await, 1300);
    let placed = shop.order(&guest).await;
    assert_eq!(redeemed(&shop).await, (1, 0, 500, 0));
    assert_eq!(shop.pay(placed.link, PAYS).await, 303);
    shop.settle_until(placed.link, OrderState::Paid).await;
    assert_eq!(redeemed(&shop).await, (0, 1, 0, 500));
    assert_eq!(shop.bank_intents().await[0]["captured"], 1300);
    let total = shop.order_page(placed.link).await.total;
    assert_eq!((total.goods, total.discount, total.shipping, total.total), (eur(2000), eur(200), eur(0), eur(1800)));
    assert_eq!((total.gift_card, total.discount_code.as_deref()), (eur(500), Some("TENTH")));
    // 18.00 × 10/110.
    assert_eq!(total.vat.iter().map(|part| part.vat.minor()).collect::<Vec<_>>(), [164]);

    for _ in 0..2 {
        shop.purchase.cancel_order(holder(placed.link)).await.unwrap();
    }
    assert_eq!(redeemed(&shop).await, (0, 0, 0, 0));
    let told = "outbox where type = 'payment.returned' and payload like '%on_gift_card%' and payload like '%500%'";
    assert_eq!(shop.count(told).await, 1);
    while shop.count("refund where state <> 'done'").await > 0 {
        shop.purchase.work_once().await.unwrap();
    }
    shop.close().await;
}

#[tokio::test]
async fn an_order_that_ends_unpaid_releases_both_and_its_basket_still_has_them() {
    let shop = Shop::with_copies(&[5]).await;
    let guest = guest_who_redeems(&shop).await;
    let placed = shop.order(&guest).await;
    shop.purchase.cancel_order(holder(placed.link)).await.unwrap();
    shop.settle_until(placed.link, OrderState::Cancelled).await;
    assert_eq!(redeemed(&shop).await, (0, 0, 0, 0));
    assert_eq!(to_pay(&shop, &guest).await, 1300);
    shop.close().await;
}

#[tokio::test]
async fn in_doubt_both_are_released_with_the_copies() {
    let shop = Shop::with_copies(&[5]).await;
    let guest = guest_who_redeems(&shop).await;
    let placed = shop.order(&guest).await;
    shop.faults(serde_json::json!([{ "endpoint": "*", "effect": "refuse", "ms": 0, "times": 50 }])).await;
    shop.sql("update payment_attempt set created_at = created_at - interval 25 hour").await;
    shop.everything_is_due().await;
    shop.purchase.work_once().await.unwrap();
    assert_eq!(shop.state(placed.link).await, OrderState::InDoubt);
    assert_eq!(redeemed(&shop).await, (0, 0, 0, 0));
    shop.faults(serde_json::json!([])).await;
    shop.close().await;
}

#[tokio::test]
async fn what_costs_nothing_is_sold_at_once_without_the_bank() {
    let shop = Shop::with_copies(&[3]).await;
    let card = card(&shop, 2500).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    redeem(&shop, &guest, &card).await;
    assert_eq!(to_pay(&shop, &guest).await, 0);
    let token = shop.token(&guest).await;
    let Placed { link, progress, payable, replayed } = shop.order(&guest).await;
    assert_eq!((progress, payable, replayed), (Progress::Paid, false, false));
    assert_eq!(shop.state(link).await, OrderState::Paid);
    assert_eq!(shop.stock(1).await, (3, 1, 0));
    assert_eq!(redeemed(&shop).await.3, 1000);
    assert!(shop.bank_intents().await.is_empty());
    // Sent again it is the same order.
    let again = shop.place(&guest, token).await;
    assert_eq!(again, PlaceOutcome::Placed(Placed { link, progress: Progress::Paid, payable: false, replayed: true }));
    shop.purchase.cancel_order(holder(link)).await.unwrap();
    assert_eq!((shop.stock(1).await, redeemed(&shop).await.3), ((4, 1, 0), 0));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_of_a_code_and_the_last_money_of_a_card_go_to_one_of_many() {
    let shop = Shop::with_copies(&[100]).await;
    let other = shop.another_instance().await;
    code(&shop, "ONCE", Discount::Amount(eur(100)), Some(1)).await;
    let card = card(&shop, 900).await;
    let mut guests = Vec::new();
    for number in 0..16 {
        let guest = shop.guest_with(&[(1, 1)]).await;
        redeem(&shop, &guest, if number % 2 == 0 { "ONCE" } else { &card }).await;
        guests.push((guest.clone(), shop.token(&guest).await));
    }
    let placing = guests.iter().enumerate().map(|(number, (guest, token))| {
        let purchase = if number % 4 < 2 { &shop.purchase } else { &other };
        crate::support::place(purchase, guest, *token)
    });
    let outcomes = join_all(placing).await;
    let used_up = Refusal::DiscountCode { why: CodeRefused::UsedUp };
    for (number, outcome) in outcomes.iter().enumerate() {
        match outcome {
            PlaceOutcome::Placed(_) => {}
            PlaceOutcome::Refused { why, .. } => {
                assert_eq!(*why, if number % 2 == 0 { used_up } else { Refusal::GiftCard });
            }
            // Whoever looked after the first had taken it was shown another total.
            other => assert_eq!(*other, PlaceOutcome::BasketChanged),
        }
    }
    let placed = outcomes.iter().filter(|outcome| matches!(outcome, PlaceOutcome::Placed(_))).count();
    assert_eq!((placed, redeemed(&shop).await), (2, (1, 0, 900, 0)));
    // Who was refused is told so again, and can order without it.
    let refused = outcomes.iter().position(|outcome| matches!(outcome, PlaceOutcome::Refused { .. }));
    if let Some(number) = refused {
        let (guest, token) = &guests[number];
        assert!(matches!(shop.place(guest, *token).await, PlaceOutcome::Refused { replayed: true, .. }));
        assert_eq!(to_pay(&shop, guest).await, 1000);
        shop.order(guest).await;
    }
    shop.close().await;
}

#[tokio::test]
async fn a_code_that_cannot_be_used_is_refused_with_its_reason() {
    let shop = Shop::with_copies(&[5]).await;
    let guest = identity::testing::guest();
    assert_eq!(redeem(&shop, &guest, "TENTH").await, Redeemed::EmptyBasket);
    shop.purchase.add_to_basket(&guest, 1, 1).await.unwrap();
    let before = shop.token(&guest).await;
    assert_eq!(redeem(&shop, &guest, "no such code").await, Redeemed::CodeRefused(CodeRefused::Unknown));
    let empty = card(&shop, 500).await;
    shop.sql("update gift_card set held = 500").await;
    assert_eq!(redeem(&shop, &guest, &empty).await, Redeemed::CardRefused(CardRefused::Empty));
    shop.sql("update gift_card set held = 0").await;
    assert_eq!(shop.token(&guest).await, before);
    // One that ends while it lies in the basket counts no longer, and the basket says so.
    code(&shop, "TENTH", Discount::Percentage { basis_points: 1000 }, None).await;
    redeem(&shop, &guest, "TENTH").await;
    assert_eq!(to_pay(&shop, &guest).await, 900);
    let token = shop.token(&guest).await;
    shop.sql("update discount_code set ends_at = utc_timestamp(6)").await;
    assert_eq!(shop.place(&guest, token).await, PlaceOutcome::BasketChanged);
    let seen = basket(&shop, &guest).await;
    assert_eq!(seen.discount_code.unwrap().found, Err(CodeRefused::Over));
    assert_eq!(seen.priced.unwrap().total.to_pay, eur(1000));
    shop.purchase.take_out(&guest, Redeemable::DiscountCode).await.unwrap();
    assert!(basket(&shop, &guest).await.discount_code.is_none());
    shop.close().await;
}

#[tokio::test]
async fn delivery_counts_by_country_and_weight_and_what_is_collected_is_free() {
    let shop = Shop::with_copies(&[99]).await;
    shop.sql("update shipping_rate set price = 790 where country = 'DE' and from_g = 0").await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let before = shop.token(&guest).await;
    let to = |collect, country: &str| BasketDelivery { collect, country: country.to_owned() };
    let set = |to: BasketDelivery| {
        let (shop, guest) = (&shop, &guest);
        async move { shop.purchase.set_delivery(guest, &to).await.unwrap() }
    };
    assert_eq!(set(to(false, "DE")).await, DeliveryChanged::Done);
    assert_ne!(shop.token(&guest).await, before);
    assert_eq!(shop.place(&guest, before).await, PlaceOutcome::BasketChanged);
    let total = basket(&shop, &guest).await.priced.unwrap().total;
    assert_eq!((total.shipping, total.vat[0].basis_points), (eur(790), 700));
    assert_eq!(set(to(false, "XX")).await, DeliveryChanged::UnknownCountry);
    // 79 × 400 g is more than the carrier takes.
    shop.purchase.set_quantity(&guest, 1, 79).await.unwrap();
    assert_eq!(basket(&shop, &guest).await.priced.unwrap_err(), Obstacle::TooHeavy);
    assert_eq!(set(to(true, "DE")).await, DeliveryChanged::Done);
    let total = basket(&shop, &guest).await.priced.unwrap().total;
    assert_eq!((total.shipping, total.vat[0].basis_points), (eur(0), 1000));
    let page = shop.order_page(shop.order(&guest).await.link).await;
    assert!(page.collected);
    assert_eq!(page.address, ["Ada Lovelace"]);
    shop.close().await;
}

#[tokio::test]
async fn what_leaves_less_to_pay_than_the_bank_takes_is_refused_in_time() {
    let shop = Shop::with_copies(&[5]).await;
    code(&shop, "NEARLY", Discount::Amount(eur(970)), None).await;
    let guest = shop.guest_with(&[(1, 1)]).await;
    let token = shop.token(&guest).await;
    redeem(&shop, &guest, "NEARLY").await;
    assert_eq!(basket(&shop, &guest).await.priced.unwrap_err(), Obstacle::BelowMinimum { least: eur(50) });
    assert_eq!(shop.place(&guest, token).await, PlaceOutcome::BasketChanged);
    assert_eq!(shop.stock(1).await, (5, 0, 0));
    shop.close().await;
}

/// Money that is found for an order in doubt needs code and card again, as it needs the copies.
#[tokio::test]
async fn an_order_in_doubt_is_sold_with_its_code_and_card_or_not_at_all() {
    for gone in ["nothing", "the code", "the card"] {
        let shop = Shop::with_copies(&[5]).await;
        let guest = guest_who_redeems(&shop).await;
        let link = shop.order(&guest).await.link;
        shop.pay(link, PAYS).await;
        shop.faults(serde_json::json!([{ "endpoint": "*", "effect": "refuse", "ms": 0, "times": 1000 }])).await;
        shop.sql("update payment_attempt set created_at = created_at - interval 25 hour").await;
        shop.settle_until(link, OrderState::InDoubt).await;
        shop.faults(serde_json::json!([])).await;
        match gone {
            "the code" => shop.sql("update discount_code set ends_at = utc_timestamp(6)").await,
            "the card" => shop.sql("update gift_card set held = 1").await,
            _ => {}
        }
        if gone == "nothing" {
            shop.settle_until(link, OrderState::Paid).await;
            assert_eq!((redeemed(&shop).await, shop.stock(1).await), ((0, 1, 0, 500), (5, 2, 0)));
            assert_eq!(shop.bank_intents().await[0]["captured"], 1300);
        } else {
            shop.settle_until(link, OrderState::Expired).await;
            shop.sql("update gift_card set held = 0").await;
            assert_eq!((redeemed(&shop).await, shop.stock(1).await), ((0, 0, 0, 0), (5, 0, 0)), "{gone}");
            assert_eq!(shop.bank_intents().await[0]["status"], "canceled", "{gone}");
            let told = "outbox where type = 'payment.returned' and payload like '%too_late%' and payload like '%1300%'";
            assert_eq!(shop.count(told).await, 1, "{gone}");
        }
        shop.close().await;
    }
}

/// What the shopper pays anew is what the bank was to take; a sale that is taken back puts code and card back too.
#[tokio::test]
async fn a_sale_whose_money_never_came_puts_code_and_card_back() {
    for paid_anew in [true, false] {
        let shop = Shop::with_copies(&[5]).await;
        let guest = guest_who_redeems(&shop).await;
        let link = shop.order(&guest).await.link;
        shop.pay(link, EXPIRES).await;
        while !shop.order_page(link).await.payment_failed {
            shop.everything_is_due().await;
            shop.purchase.work_once().await.unwrap();
        }
        shop.until_payable(link).await;
        if paid_anew {
            shop.pay(link, PAYS).await;
            while shop.order_page(link).await.payment_failed {
                shop.everything_is_due().await;
                shop.purchase.work_once().await.unwrap();
            }
            shop.settle_until(link, OrderState::Paid).await;
            assert_eq!(redeemed(&shop).await, (0, 1, 0, 500));
            assert!(shop.bank_intents().await.iter().any(|intent| intent["captured"] == 1300));
        } else {
            shop.time_is_up().await;
            shop.settle_until(link, OrderState::Reversed).await;
            assert_eq!((redeemed(&shop).await, shop.stock(1).await), ((0, 0, 0, 0), (7, 2, 0)));
            assert_eq!(shop.count("outbox where type = 'payment.returned' and payload like '%on_gift_card%'").await, 1);
        }
        shop.close().await;
    }
}
