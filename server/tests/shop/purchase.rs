//! The whole way, from the home page to the confirmation in the mailbox, and the same for a program.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::harness::{PASSWORD, PAYS, Stock, TestMail, TestShop, address, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shopper_without_scripts_buys_a_book_and_gets_one_mail() {
    let shop = TestShop::open().await;
    let mail = TestMail::open(&shop.settings).await;
    let browser = shop.browser();

    let home = browser.get("/").await;
    assert_eq!(home.status, 200);
    assert!(home.words().contains("Books worth keeping"), "{}", home.words());
    let results = browser.get("/search?q=jane+austin").await;
    assert!(results.body.contains("href=\"/book/emma\""), "{}", results.words());
    let book = browser.get("/book/emma").await;
    assert!(book.words().contains("€9.99"), "{}", book.words());
    let basket = browser.submit(&book, "/api/add_to_basket", &[]).await;
    assert!(basket.words().contains("Emma") && basket.words().contains("Total€13.89"), "{}", basket.words());

    let form = browser.get("/sign-up?next=/checkout").await;
    let typed = [
        ("name", "Ada Lovelace".to_owned()),
        ("email", "ada@shopper.example".to_owned()),
        ("password", PASSWORD.to_owned()),
    ];
    let checkout = browser.submit(&form, "/api/sign_up", &typed).await;
    assert_eq!(checkout.path, "/checkout");
    assert!(checkout.words().contains("Emma"), "the basket comes along: {}", checkout.words());
    assert_eq!(checkout.form("/api/place_order").field("email"), "ada@shopper.example");
    let mut typed = address();
    typed.retain(|(name, _)| !["email", "name"].contains(name));
    let pay = browser.submit(&checkout, "/api/place_order", &typed).await;
    assert!(pay.path.starts_with("/order/") && pay.path.ends_with("/pay"), "{}", pay.path);
    assert_eq!(shop.stock("emma").await, Stock { sell_count: 0, held: 1, available: 199 });

    // A page of ours leads to the bank: a POST that is redirected to another site would be blocked.
    let link = pay.path.trim_start_matches("/order/").trim_end_matches("/pay").to_owned();
    let bank = browser.pay_page(&link).await;
    assert!(pay.body.contains(&format!("<a href=\"{bank}\"")), "{}", pay.body);
    assert!(pay.body.contains(&format!("content=\"0;url={bank}\"")), "{}", pay.body);
    let (status, back) = shop.bank.pay(&bank, PAYS).await;
    assert_eq!((status, back), (303, format!("{}/order/{link}?paid", shop.url)));
    shop.until_order(&link, "paid").await;

    let order = browser.get(&format!("/order/{link}")).await;
    assert!(order.words().contains("ada@shopper.example"), "{}", order.words());
    let number: String =
        sqlx::query_scalar("select number from orders").fetch_one(shop.database().pool()).await.unwrap();
    assert!(order.words().contains(&number));
    let orders = browser.get("/orders").await;
    assert!(orders.words().contains(&number), "{}", orders.words());
    assert!(browser.basket().await.is_empty());
    assert_eq!(shop.stock("emma").await, Stock { sell_count: 1, held: 0, available: 199 });

    let confirmations = || {
        let is_one = |mail: &String| mail.contains("Subject: Your order");
        mail.arrived().into_iter().filter(is_one).collect::<Vec<_>>()
    };
    within("the mail arrives", async || !confirmations().is_empty()).await;
    sleep(Duration::from_millis(1500)).await;
    let arrived = confirmations();
    assert_eq!(arrived.len(), 1, "one mail and no second");
    assert!(arrived[0].contains(&number), "{}", arrived[0]);
    assert!(arrived[0].contains("ada@shopper.example"));
    let published = "select count(*) from outbox where type = 'order.confirmed' and published_at is not null";
    assert_eq!(shop.count(published).await, 1);
    mail.close().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_buys_a_book_with_json() {
    let shop = TestShop::open().await;
    let api = shop.api();
    let found = api.get("/api/search?q=emma").await;
    assert_eq!(found.status, 200);
    assert_eq!(found.json()["books"][0]["slug"], "emma");
    let book = api.get("/api/book?slug=emma").await.json();
    let edition = book["editions"][0]["id"].as_u64().unwrap();
    let basket = api.post_json("/api/add_to_basket", &json!({"edition": edition, "quantity": 2})).await;
    assert_eq!(basket.status, 200, "{basket:?}");
    let token = api.get("/api/checkout").await.json()["basket"]["token"].clone();
    let mut order: serde_json::Map<_, _> =
        address().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    order.insert("token".to_owned(), token);
    let order = order.into();

    let placed = api.post_json_under("order-1", "/api/place_order", &order).await;
    assert_eq!(placed.status, 200, "{placed:?}");
    assert_eq!(placed.header("idempotent-replayed"), "");
    let link = placed.order_link();
    assert_eq!(placed.location(), format!("/order/{link}/pay"));
    let replayed = api.post_json_under("order-1", "/api/place_order", &order).await;
    assert_eq!((replayed.status, &replayed.body), (200, &placed.body));
    assert_eq!(replayed.header("idempotent-replayed"), "true");

    api.pay(&shop, &link, PAYS).await;
    let paid = api.get(&format!("/api/order?link={link}")).await.json();
    assert_eq!(
        (&paid["state"], &paid["cost"]["goods"]["minor"]),
        (&"paid".into(), &paid["lines"][0]["total"]["minor"])
    );
    assert_eq!(paid["payment"], json!(null));
    let orders = api.get("/api/orders").await;
    assert_eq!((orders.status, orders.problem().as_str()), (401, "sign_in_needed"), "a guest has no account");
    shop.close().await;
}
