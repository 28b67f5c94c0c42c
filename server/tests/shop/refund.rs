//! The command that gives an order's money back.

use crate::harness::{PAYS, Process, TestMail, TestShop, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_gives_back_a_part_or_all_and_says_why_where_it_cannot() {
    let shop = TestShop::open().await;
    let mail = TestMail::open(&shop.settings).await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 2).await;
    let number = browser.as_api().get(&format!("/api/order?link={link}")).await.json()["number"].clone();
    let number = number.as_str().unwrap().to_lowercase();
    let refund = async |arguments: &[&str]| {
        let arguments = [&["refund", number.as_str()], arguments].concat();
        Process::command(&shop.settings, &arguments).await
    };
    let (done, said) = refund(&[]).await;
    assert!(!done && said.contains("has no money that could be given back"), "{said}");
    browser.pay(&shop, &link, PAYS).await;
    shop.until_captured().await;

    let id = "019379d0-0000-7000-8000-000000000001";
    for _ in 0..2 {
        let (done, said) = refund(&["5.00EUR", "--id", id]).await;
        assert!(done && said.contains("EUR 5.00 of order"), "{said}");
    }
    for (arguments, expected) in [
        (&["25.00EUR"][..], "EUR 18.88 is left of what was paid for order"),
        (&["0.00EUR"], "EUR 18.88 is left"),
        (&["5"], "5 is not an amount such as 12.50EUR"),
        (&["6.00EUR", "--id", id], "is another one: leave --id out for a new one"),
        (&["5.00EUR", "--id", "five"], "invalid value 'five'"),
    ] {
        let (done, said) = refund(arguments).await;
        assert!(!done && said.contains(expected), "{arguments:?}: {said}");
    }
    let (done, said) = Process::command(&shop.settings, &["refund", "0000-0000"]).await;
    assert!(!done && said.contains("there is no order 0000-0000"), "{said}");
    shop.until_refunded().await;
    let page = browser.get(&format!("/order/{link}")).await;
    assert!(
        page.words().contains("Given back€5.00") && page.words().contains("Your order is paid"),
        "{}",
        page.words()
    );
    within("the letter arrives", async || mail.arrived().iter().any(|mail| mail.contains("back to you"))).await;

    let (done, said) = refund(&[]).await;
    assert!(done && said.contains("EUR 18.88 of order"), "{said}");
    shop.until_refunded().await;
    let totals = shop.bank.ledger().await["totals"]["eur"].clone();
    assert_eq!(totals["captured"], totals["refunded"]);
    mail.close().await;
    shop.close().await;
}
