//! The command that holds the books against each other.

use crate::harness::{PAYS, Process, TestShop};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_says_that_the_books_agree_or_where_they_do_not() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    browser.pay(&shop, &link, PAYS).await;
    shop.until_captured().await;
    let (agrees, said) = Process::command(&shop.settings, &["reconcile"]).await;
    assert!(agrees && said.contains("the books agree"), "{said}");

    shop.execute("update stock set held = held + 1 where sell_count = 1").await;
    shop.execute("update payment_attempt set refunded = 1").await;
    let (agrees, said) = Process::command(&shop.settings, &["reconcile", "--since", "2020-01-01"]).await;
    assert!(!agrees && said.contains("held is 1 in its stock row, 0 by the holds, 0 by the ledger"), "{said}");
    assert!(said.contains("at the bank"), "{said}");
    let (done, said) = Process::command(&shop.settings, &["reconcile", "--since", "yesterday"]).await;
    assert!(!done && said.contains("yesterday is not a day such as 2026-11-01"), "{said}");

    shop.execute("update payment_attempt set refunded = 0").await;
    shop.execute("update stock set held = 0").await;
    shop.close().await;
}
