//! What breaks on our side: what people are told, and what is written down.

use crate::harness::{PASSWORD, TestShop, address, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_not_there_says_so_and_leads_on() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    for path in ["/nowhere", "/book/nothing", "/book", "/order/nonsense", "/api", "/pkg", "/index.php", "/.env"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        if path != "/pkg" {
            assert!(page.words().contains("This page is missing from the book"), "{path}: {}", page.words());
            assert!(page.body.contains("href=\"/\""));
        }
    }
    let function = shop.api().get("/api/nonsense").await;
    assert_eq!((function.status, function.problem().as_str()), (404, "not_found"));
    let wrong_method = shop.api().get("/api/add_to_basket").await;
    assert_eq!((wrong_method.status, wrong_method.problem().as_str()), (404, "not_found"));
    shop.close().await;
}

/// SECURITY 74.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_is_shown_under_the_requests_id_and_nothing_else_of_it() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let api = shop.api();
    api.add(shop.edition("emma").await, 1).await;
    let token = api.checkout_token().await;
    shop.execute("rename table stock to stock_elsewhere").await;
    let page = browser.get("/book/emma").await;
    assert_eq!(page.status, 500);
    assert!(page.words().contains("Something went wrong on our side"), "{}", page.words());
    assert!(page.words().contains(page.header("x-request-id")), "{}", page.words());
    let answers = [page, api.get("/api/basket").await, api.place(&token).await, browser.add(1, 1).await];
    for answer in &answers {
        let body = answer.body.to_lowercase();
        assert!(!body.contains("stock_") && !body.contains("sql") && !body.contains("table"), "{answer:?}");
    }
    assert_eq!((answers[1].status, answers[1].problem().as_str()), (500, "broken"));
    assert_eq!(answers[2].status, 500);
    shop.execute("rename table stock_elsewhere to stock").await;
    assert_eq!(browser.get("/book/emma").await.status, 200);
    assert_eq!(api.place(&token).await.status, 200, "the form that broke is good as soon as it can be carried out");
    shop.close().await;
}

/// SECURITY 75.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_the_shop_says_when_to_come_back() {
    let (shop, line) = TestShop::open_on_a_line().await;
    let customer = shop.api();
    customer.sign_up("ada").await;
    customer.add(shop.edition("emma").await, 1).await;
    let token = customer.checkout_token().await;
    let probe = shop.api();
    line.cut();
    within("readiness tells", async || probe.get("/readyz").await.status == 503).await;
    assert_eq!(probe.get("/healthz").await.status, 200, "the process lives: restarting it would help nobody");
    let (basket, placed, home, sign_in) =
        tokio::join!(customer.get("/api/basket"), customer.place(&token), probe.get("/api/home"), probe.sign_in("ada"));
    for answer in [&basket, &placed, &home, &sign_in] {
        assert_eq!((answer.status, answer.problem().as_str()), (503, "busy"), "{answer:?}");
        assert_eq!(answer.header("retry-after"), "2");
    }
    let browser = shop.browser();
    let page = browser.get("/book/emma").await;
    assert_eq!(page.status, 503, "{}", page.words());
    assert!(page.words().contains("try again in a few seconds"), "{}", page.words());
    line.mend();
    within("readiness tells", async || probe.get("/readyz").await.status == 200).await;
    assert_eq!(customer.place(&token).await.status, 200, "and the same form is good again");
    shop.close().await;
}

/// SECURITY 76: broker and bank may be away; the shop still takes orders.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_broker_and_bank_are_away_the_shop_still_sells() {
    let shop =
        TestShop::open_with(|settings| settings.broker_url = "amqp://guest:guest@127.0.0.1:1/%2f".to_owned()).await;
    shop.bank.faults(r#"[{"endpoint": "*", "effect": "drop", "times": 3}]"#).await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    assert_eq!(shop.api().get("/readyz").await.status, 200);
    within("the bank's page is open", async || {
        shop.hurry().await;
        shop.count("select count(*) from payment_attempt where state = 'open'").await == 1
    })
    .await;
    browser.pay(&shop, &link, crate::harness::PAYS).await;
    assert_eq!(shop.count("select count(*) from outbox where published_at is null").await, 1, "the mail is owed");
    shop.close().await;
}

/// SECURITY 78.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_holds_the_requests_id_and_no_secret_address_or_password() {
    let (shop, process) = TestShop::open_process().await;
    let browser = shop.browser();
    browser.sign_up("canary-account").await;
    browser.sign_in("canary-account").await;
    let proof = shop.proof_tokens().await[0].clone();
    browser.get(&format!("/prove-address/{proof}")).await;
    browser.as_api().get(&format!("/api/address_proof?token={proof}")).await;
    assert_eq!(browser.post_form("/api/prove_address", &[("token", proof.clone())]).await.location(), "/orders?proved");
    assert_ne!(browser.post_form("/api/prove_address", &[("token", proof.clone())]).await.location(), "/orders?proved");
    let wrong =
        [("email", "canary-wrong@shopper.example".to_owned()), ("password", "canary-wrong-password".to_owned())];
    browser.post_form("/api/sign_in", &wrong).await;
    browser.get("/search?q=canary-search").await;
    browser.get("/nowhere/canary-path?a=canary-query").await;
    let mut refused = address();
    refused.push(("token", "canary-token".to_owned()));
    browser.post_form("/api/place_order", &refused).await;
    let bought = browser.buy(&shop, "emma", 1).await;
    let page = browser.get(&format!("/order/{bought}")).await;
    browser.add(shop.edition("emma").await, 1).await;
    let token = browser.checkout_token().await;
    let cancelled = browser.place(&token).await.order_link();
    browser.cancel(&cancelled).await;
    shop.until_order(&cancelled, "cancelled").await;
    shop.execute("rename table offer to offer_elsewhere").await;
    let broken = browser.get("/book/emma").await;
    assert_eq!(broken.status, 500);
    shop.execute("rename table offer_elsewhere to offer").await;
    let session = browser.cookie("octavo").unwrap();
    shop.until_captured().await;
    let database = shop.settings.database_url.clone();
    let broker = shop.settings.broker_url.clone();
    let log = process.log();
    assert!(log.contains(page.header("x-request-id")), "{log}");
    let failure = log.lines().find(|line| line.contains("a request failed")).unwrap();
    assert!(failure.contains(broken.header("x-request-id")), "{failure}");
    assert!(failure.contains("offer"), "the cause is written down: {failure}");
    let secrets = [
        "canary", "@shopper", PASSWORD, "Reader", "4242", &bought, &cancelled, &session, &token, &proof, &database,
        &broker,
    ];
    for secret in secrets {
        let line = log.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
        assert_eq!(line, None, "{secret} is in the log");
    }
    shop.close_process(process).await;
}
