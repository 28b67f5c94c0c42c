//! What becomes of an order: paid, declined, cancelled, expired.

use crate::harness::{DECLINED, DELIVERY, EXPIRES, PAYS, SLOW, Stock, TestMail, TestShop, within};

const UNTOUCHED: Stock = Stock { sell_count: 0, held: 0, available: 200 };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_card_leaves_stock_as_it_was_once_the_order_is_given_up() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 3).await;
    let (status, _) = shop.bank.pay(&browser.pay_page(&link).await, DECLINED).await;
    assert_eq!(status, 402, "the bank's page lets the shopper try another card");
    assert_eq!(shop.stock("emma").await, Stock { sell_count: 0, held: 3, available: 197 });
    let answer = browser.cancel(&link).await;
    assert_eq!((answer.status, answer.location()), (303, format!("/order/{link}").as_str()));
    shop.until_order(&link, "cancelled").await;
    assert_eq!(shop.stock("emma").await, UNTOUCHED);
    assert_eq!(shop.bank.captured().await, 0);
    assert_eq!(browser.basket().await, [("Emma".to_owned(), 3)], "the lines are back in the basket");
    let page = browser.get(&format!("/order/{link}")).await;
    assert!(page.body.contains("href=\"/basket\""), "the page leads there: {}", page.words());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_declined_card_another_one_pays() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    let page = browser.pay_page(&link).await;
    assert_eq!(shop.bank.pay(&page, DECLINED).await.0, 402);
    browser.pay(&shop, &link, PAYS).await;
    assert_eq!(shop.stock("emma").await, Stock { sell_count: 1, held: 0, available: 199 });
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_order_ends_once_and_its_bank_page_takes_no_money() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    let page = browser.pay_page(&link).await;
    let (first, second) = tokio::join!(browser.cancel(&link), browser.cancel(&link));
    assert_eq!((first.status, second.status), (303, 303));
    shop.until_order(&link, "cancelled").await;
    let (status, _) = shop.bank.pay(&page, PAYS).await;
    assert_eq!(status, 410, "the bank has closed its page");
    assert_eq!(browser.as_api().cancel(&link).await.status, 200, "once more changes nothing");
    assert_eq!(shop.order_state(&link).await, "cancelled");
    assert_eq!(shop.stock("emma").await, UNTOUCHED);
    assert_eq!(browser.basket().await, [("Emma".to_owned(), 1)]);
    let next = browser.place_order().await;
    assert_ne!(next, link, "the basket can be ordered anew");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paid_order_that_is_cancelled_gets_its_money_back_and_a_letter() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let link = browser.buy(&shop, "emma", 1).await;
    shop.until_captured().await;
    let page = browser.get(&format!("/order/{link}")).await;
    let shown = browser.submit(&page, "/api/cancel_order", &[]).await;
    assert!(shown.words().contains("You get your money back"), "{}", shown.words());
    within("the money is given back", async || {
        let order = browser.as_api().get(&format!("/api/order?link={link}")).await.json();
        order["returned"][0]["done"] == true && order["returned"][0]["amount"] == order["cost"]["total"]
    })
    .await;
    assert_eq!(browser.as_api().cancel(&link).await.status, 200, "once more changes nothing");
    let totals = shop.bank.ledger().await["totals"]["eur"].clone();
    assert_eq!(totals["captured"], totals["refunded"]);
    let before = UNTOUCHED;
    assert_eq!(
        shop.stock("emma").await,
        Stock { sell_count: 1, ..before },
        "what was sold stays sold, and is here again"
    );
    assert_eq!(shop.count("select count(*) from outbox where type = 'payment.returned'").await, 1);
    shop.close().await;
}

/// The wish is there first, then the slow card's money: it is given up, not taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_is_authorised_after_the_wish_to_cancel_is_given_up() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    assert_eq!(shop.bank.pay(&browser.pay_page(&link).await, SLOW).await.0, 303);
    browser.cancel(&link).await;
    let page = browser.get(&format!("/order/{link}")).await;
    assert!(page.words().to_lowercase().contains("being cancelled"), "{}", page.words());
    within("the order is cancelled", async || {
        shop.hurry().await;
        shop.order_state(&link).await == "cancelled"
    })
    .await;
    assert_eq!(shop.stock("emma").await, UNTOUCHED);
    assert_eq!(shop.bank.captured().await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_nobody_pays_ends_and_gives_everything_back() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let link = browser.order(&shop, "middlemarch", 1).await;
    let page = browser.pay_page(&link).await;
    let other = shop.browser();
    let book = other.get("/book/middlemarch").await;
    assert!(book.words().contains("Sold out"), "what is held is not to be had: {}", book.words());
    shop.execute("update payment_attempt set expires_at = utc_timestamp(6) - interval 1 second").await;
    shop.hurry().await;
    shop.until_order(&link, "expired").await;
    assert_eq!(shop.bank.pay(&page, PAYS).await.0, 410, "the bank's page is closed before the copies go back");
    assert_eq!(shop.stock("middlemarch").await, Stock { sell_count: 0, held: 0, available: 1 });
    assert_eq!(browser.basket().await, [("Middlemarch".to_owned(), 1)]);
    other.buy(&shop, "middlemarch", 1).await;
    shop.close().await;
}

/// The lines follow the shopper: into the account, and to what is in its basket already.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lines_of_an_unpaid_order_come_back_to_whoever_the_guest_is_by_then() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 2).await;
    browser.sign_up("ada").await;
    browser.add(shop.edition("emma").await, 1).await;
    browser.add(shop.edition("persuasion").await, 1).await;
    browser.cancel(&link).await;
    shop.until_order(&link, "cancelled").await;
    let mut basket = browser.basket().await;
    basket.sort();
    assert_eq!(basket, [("Emma".to_owned(), 3), ("Persuasion".to_owned(), 1)]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_lines_are_held_sold_and_given_back_together() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.add(shop.edition("persuasion").await, 1).await;
    let link = browser.order(&shop, "emma", 2).await;
    assert_eq!((shop.stock("persuasion").await.held, shop.stock("emma").await.held), (1, 2));
    browser.cancel(&link).await;
    shop.until_order(&link, "cancelled").await;
    assert_eq!((shop.stock("persuasion").await.held, shop.stock("emma").await.held), (0, 0));
    let link = browser.place_order().await;
    browser.pay(&shop, &link, PAYS).await;
    assert_eq!((shop.stock("persuasion").await.sell_count, shop.stock("emma").await.sell_count), (1, 2));
    assert_eq!(shop.bank.captured().await, 899 + 2 * 999 + DELIVERY);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_fails_after_the_sale_is_made_anew_by_who_gets_the_letter() {
    let shop = TestShop::open().await;
    let mail = TestMail::open(&shop.settings).await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    browser.pay(&shop, &link, EXPIRES).await;
    shop.until_shown(&browser, &link, "payment_failed").await;
    let told = |what: &str| mail.arrived().into_iter().any(|mail| mail.contains(what));
    within("the letter arrives", async || told("has failed") && told(&link)).await;
    browser.pay_page(&link).await;
    let page = browser.get(&format!("/order/{link}")).await;
    let words = page.words();
    assert!(words.contains("Your payment has failed") && words.contains("22 hours are left to pay"), "{words}");
    assert!(page.body.contains(&format!("href=\"/order/{link}/pay\"")), "{words}");
    let way = browser.get(&format!("/order/{link}/pay")).await;
    assert!(way.body.contains(&browser.pay_page(&link).await), "the way to the bank is open: {}", way.words());

    let (status, back) = shop.bank.pay(&browser.pay_page(&link).await, PAYS).await;
    assert_eq!((status, back), (303, format!("{}/order/{link}?paid", shop.settings.public_url)));
    shop.until_shown(&browser, &link, "paid").await;
    let page = browser.get(&format!("/order/{link}?paid")).await;
    assert!(page.words().contains("Your order is paid"), "{}", page.words());
    shop.until_captured().await;
    assert_eq!(shop.bank.captured().await, 999 + DELIVERY);
    assert_eq!(shop.stock("emma").await, Stock { sell_count: 1, held: 0, available: 199 });
    mail.close().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_payment_fails_can_be_cancelled_from_its_page() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    browser.pay(&shop, &link, EXPIRES).await;
    shop.until_shown(&browser, &link, "payment_failed").await;
    let bank = browser.pay_page(&link).await;
    let page = browser.get(&format!("/order/{link}")).await;
    let shown = browser.submit(&page, "/api/cancel_order", &[]).await;
    assert_eq!((shown.status, shown.path.as_str()), (200, format!("/order/{link}").as_str()));
    shop.until_shown(&browser, &link, "reversed").await;
    assert_eq!(shop.bank.pay(&bank, PAYS).await.0, 410, "the bank has closed its page");
    let page = browser.get(&format!("/order/{link}")).await;
    assert!(page.words().contains("This order was called off"), "{}", page.words());
    assert_eq!(browser.as_api().cancel(&link).await.status, 200, "once more changes nothing");
    assert_eq!(shop.stock("emma").await, Stock { sell_count: 1, held: 0, available: 200 });
    assert_eq!(shop.bank.captured().await, 0);
    shop.close().await;
}
