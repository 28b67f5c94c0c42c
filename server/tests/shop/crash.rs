//! The server dies (SIGKILL), or the bank's answers do: what was begun is finished.

use std::time::Duration;

use outbox::testing::Line;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::harness::{DELIVERY, PAYS, SLOW, Settings, Stock, TestMail, TestShop, within};

const OPEN: &str = "POST /v1/checkout/sessions";

/// PURCHASE 22: killed while the bank is still at work, between the hold and the sale.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_between_hold_and_sale_finishes_the_purchase_when_it_is_back() {
    let (shop, mut process) = TestShop::open_process().await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    assert_eq!(shop.bank.pay(&browser.pay_page(&link).await, SLOW).await.0, 303);
    process.kill().await;
    assert_eq!(shop.order_state(&link).await, "awaiting_payment");
    assert_eq!(shop.stock("emma").await, Stock { sell_count: 0, held: 1, available: 199 });
    // The card is authorised while nobody listens.
    within("the bank has the money", async || shop.bank.ledger().await["intents"][0]["status"] == "requires_capture")
        .await;
    let process = process.restart().await;
    shop.hurry().await;
    shop.until_order(&link, "paid").await;
    shop.until_captured().await;
    assert_eq!(shop.stock("emma").await, Stock { sell_count: 1, held: 0, available: 199 });
    assert_eq!(shop.bank.captured().await, 999 + DELIVERY);
    assert_eq!(shop.count("select count(*) from outbox").await, 1);
    assert_eq!(browser.get(&format!("/order/{link}")).await.status, 200, "the guest is still known");
    shop.close_process(process).await;
}

/// PURCHASE 21: killed after the hold, before the bank was reached; the worker opens the page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_right_after_the_hold_opens_the_banks_page_when_it_is_back() {
    let (shop, mut process) = TestShop::open_process().await;
    shop.bank.faults(r#"[{"endpoint": "POST /v1/checkout/sessions", "effect": "delay", "ms": 3000}]"#).await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let token = browser.checkout_token().await;
    let (request, killed) = tokio::join!(
        async {
            browser.try_send(browser.request(reqwest::Method::POST, "/api/place_order").form(&form(&token))).await
        },
        async {
            within("the copies are held", async || shop.stock("emma").await.held == 1).await;
            process.kill().await;
        }
    );
    let () = killed;
    assert!(request.is_err(), "nobody was answered");
    shop.bank.faults("[]").await;
    let process = process.restart().await;
    // The same form again, as a browser that reloads sends it.
    let link = browser.place(&token).await.order_link();
    shop.hurry().await;
    browser.pay(&shop, &link, PAYS).await;
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(intents(&shop.bank.ledger().await), 1);
    shop.close_process(process).await;
}

/// PURCHASE 15, 16, 22: refused, lost before, lost after, failed after: one page, one charge.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_page_whose_answer_was_lost_is_opened_once() {
    let shop = TestShop::open().await;
    let faults = [
        r#"[{"endpoint": "POST /v1/checkout/sessions", "effect": "refuse", "times": 2}]"#,
        r#"[{"endpoint": "POST /v1/checkout/sessions", "effect": "drop", "times": 2}]"#,
        r#"[{"endpoint": "POST /v1/checkout/sessions", "effect": "act_then_drop", "times": 2}]"#,
    ];
    for fault in faults {
        assert!(fault.contains(OPEN));
        shop.bank.faults(fault).await;
        let browser = shop.browser();
        browser.add(shop.edition("emma").await, 1).await;
        let placed = browser.place(&browser.checkout_token().await).await;
        let link = placed.order_link();
        assert_eq!(placed.location(), format!("/order/{link}"), "its own page, while the bank's is being opened");
        let page = browser.get(&format!("/order/{link}")).await;
        assert!(page.words().contains("The bank is preparing its page"), "{}", page.words());
        within("the bank's page is open", async || {
            shop.hurry().await;
            browser.get(&format!("/order/{link}")).await.words().contains("Pay at the bank")
        })
        .await;
        browser.pay(&shop, &link, PAYS).await;
    }
    shop.until_captured().await;
    assert_eq!(intents(&shop.bank.ledger().await), faults.len());
    assert_eq!(shop.bank.captured().await, 3 * (999 + DELIVERY));
    shop.close().await;
}

/// A 500 stands under the idempotency key for a day, so only a new attempt would help; the copies do not wait for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_that_fails_for_good_ends_the_order_and_gives_everything_back() {
    let shop = TestShop::open().await;
    shop.bank.faults(r#"[{"endpoint": "POST /v1/checkout/sessions", "effect": "act_then_500", "times": 1000}]"#).await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    shop.hurry().await;
    assert_eq!(shop.order_state(&link).await, "awaiting_payment");
    shop.execute("update payment_attempt set create_until = utc_timestamp(6) - interval 1 second").await;
    within("the order ends", async || {
        shop.hurry().await;
        shop.order_state(&link).await == "expired"
    })
    .await;
    assert_eq!(shop.stock("emma").await, Stock { sell_count: 0, held: 0, available: 200 });
    assert_eq!(browser.basket().await, [("Emma".to_owned(), 1)]);
    shop.bank.faults("[]").await;
    browser.buy(&shop, "emma", 1).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capture_whose_answer_was_lost_is_made_once() {
    let shop = TestShop::open().await;
    for fault in [
        r#"[{"endpoint": "POST /v1/payment_intents/{id}/capture", "effect": "refuse", "times": 2}]"#,
        r#"[{"endpoint": "POST /v1/payment_intents/{id}/capture", "effect": "drop", "times": 2}]"#,
        r#"[{"endpoint": "POST /v1/payment_intents/{id}/capture", "effect": "act_then_drop", "times": 2}]"#,
        r#"[{"endpoint": "POST /v1/payment_intents/{id}/capture", "effect": "act_then_500", "times": 1}]"#,
    ] {
        shop.bank.faults(fault).await;
        let browser = shop.browser();
        let link = browser.order(&shop, "emma", 1).await;
        browser.pay(&shop, &link, PAYS).await;
        within("the money is taken", async || {
            shop.hurry().await;
            shop.count("select count(*) from payment_attempt where state <> 'captured'").await == 0
        })
        .await;
    }
    assert_eq!(shop.bank.captured().await, 4 * (999 + DELIVERY));
    shop.close().await;
}

/// PURCHASE 25, 26: the sale is stored and the broker away when the server dies; the mail that is owed goes out once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_was_owed_when_the_server_died_is_sent_when_it_is_back() {
    let line = Line::to(&outbox::testing::broker_url()).await;
    let (shop, mut process) = TestShop::open_process_with(|settings| settings.broker_url.clone_from(&line.url)).await;
    let direct = Settings { broker_url: outbox::testing::broker_url(), ..shop.settings.clone() };
    let mail = TestMail::open(&direct).await;
    line.cut();
    shop.browser().buy(&shop, "emma", 1).await;
    process.kill().await;
    assert_eq!(shop.count("select count(*) from outbox where published_at is null").await, 1);
    line.mend();
    let process = process.restart().await;
    within("the mail arrives", async || !mail.arrived().is_empty()).await;
    within("it is owed no more", async || {
        shop.count("select count(*) from outbox where published_at is null").await == 0
    })
    .await;
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(mail.arrived().len(), 1);
    mail.close().await;
    shop.close_process(process).await;
}

/// PURCHASE 19.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_goes_on_when_the_shopper_hangs_up() {
    let shop = TestShop::open().await;
    shop.bank.faults(r#"[{"endpoint": "POST /v1/checkout/sessions", "effect": "delay", "ms": 1000}]"#).await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let token = browser.checkout_token().await;
    let hung_up = timeout(Duration::from_millis(500), browser.place(&token)).await;
    assert!(hung_up.is_err(), "the bank is still at work");
    within("the bank's page is open", async || {
        shop.count("select count(*) from payment_attempt where state = 'open'").await == 1
    })
    .await;
    let link = browser.place(&token).await.order_link();
    browser.pay(&shop, &link, PAYS).await;
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    shop.close().await;
}

/// PURCHASE 15: a program is told that the order is there and that paying must wait, and the same key asks again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_whose_bank_is_silent_gets_the_orders_address_and_asks_again() {
    let shop = TestShop::open().await;
    shop.bank.faults(r#"[{"endpoint": "POST /v1/checkout/sessions", "effect": "refuse"}]"#).await;
    let api = shop.api();
    api.add(shop.edition("emma").await, 1).await;
    let token = api.checkout_token().await;
    let placed = api.place(&token).await;
    let link = placed.order_link();
    assert_eq!((placed.status, placed.location()), (202, format!("/order/{link}").as_str()));
    assert_eq!(placed.json()["pay"], Value::Null);
    within("the bank's page is open", async || {
        shop.hurry().await;
        shop.count("select count(*) from payment_attempt where state = 'open'").await == 1
    })
    .await;
    let again = api.place(&token).await;
    assert_eq!((again.status, again.location()), (200, format!("/order/{link}/pay").as_str()));
    assert_eq!(again.header("idempotent-replayed"), "true");
    shop.close().await;
}

/// A process that is asked to stop finishes what is under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_stop_answers_first() {
    let (shop, process) = TestShop::open_process().await;
    shop.bank.faults(r#"[{"endpoint": "POST /v1/checkout/sessions", "effect": "delay", "ms": 1500}]"#).await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let token = browser.checkout_token().await;
    let (answer, log) = tokio::join!(browser.place(&token), async {
        within("the copies are held", async || shop.stock("emma").await.held == 1).await;
        process.stop().await
    });
    assert!(answer.location().ends_with("/pay"), "{answer:?}");
    assert!(log.contains("the shop is closed"), "{log}");
    assert_eq!(shop.count("select count(*) from payment_attempt where state = 'open'").await, 1);
    shop.close().await;
}

fn form(token: &str) -> Vec<(&'static str, String)> {
    let mut form = crate::harness::address();
    form.push(("token", token.to_owned()));
    form
}

fn intents(ledger: &Value) -> usize {
    ledger["intents"].as_array().unwrap().len()
}
