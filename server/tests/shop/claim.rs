//! Orders that were made as a guest, and the account that proves their address by the link in a mail.

use serde_json::json;

use crate::harness::{Answer, Client, PASSWORD, TestMail, TestShop, address, proof_token, within};

const ADA: &str = "ada@shopper.example";

/// Orders a book with this address: the order's link.
async fn order_with(shop: &TestShop, client: &Client, email: &str) -> String {
    client.add(shop.edition("emma").await, 1).await;
    let mut fields = address();
    fields[0].1 = email.to_owned();
    fields.push(("token", client.checkout_token().await));
    let answer = client.post_form("/api/place_order", &fields).await;
    answer.order_link()
}

/// The links of the orders that are listed for a customer.
async fn listed(client: &Client) -> Vec<String> {
    let orders = client.as_api().get("/api/orders").await.json();
    orders.as_array().unwrap().iter().map(|order| order["link"].as_str().unwrap().to_owned()).collect()
}

async fn is_proved(client: &Client) -> bool {
    client.as_api().get("/api/account").await.json()["email_proved"].as_bool().unwrap()
}

async fn prove(client: &Client, token: &str) -> Answer {
    client.as_api().post_json("/api/prove_address", &json!({ "token": token })).await
}

/// The tokens of the links that have arrived at an address.
fn arrived(mail: &TestMail, email: &str) -> Vec<String> {
    let letters = mail.arrived().into_iter().filter(|letter| letter.contains(&format!("To: {email}")));
    letters.filter_map(|letter| proof_token(&letter).map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_signs_up_and_proves_the_address_by_the_mail_finds_the_order() {
    let shop = TestShop::open().await;
    let mail = TestMail::open(&shop.settings).await;
    let link = order_with(&shop, &shop.browser(), "Ada@Shopper.example").await;
    order_with(&shop, &shop.browser(), "somebody@shopper.example").await;
    let eve = shop.browser();
    eve.sign_up("eve").await;

    // Another browser than the guest's.
    let browser = shop.browser();
    browser.sign_up("ada").await;
    let orders = browser.get("/orders").await;
    assert!(orders.words().contains("Have you ordered as a guest with ada@shopper.example?"), "{}", orders.words());
    assert!(orders.words().contains("No orders yet"), "{}", orders.words());
    assert!(!is_proved(&browser).await);

    within("the mail arrives", async || !arrived(&mail, ADA).is_empty()).await;
    let page = browser.get(&format!("/prove-address/{}", arrived(&mail, ADA)[0])).await;
    assert_eq!(page.status, 200);
    assert!(page.words().contains(ADA), "{}", page.words());
    assert!(!is_proved(&browser).await && listed(&browser).await.is_empty(), "looking changes nothing");
    let shown = browser.submit(&page, "/api/prove_address", &[]).await;
    assert_eq!((shown.status, shown.path.as_str()), (200, "/orders"));
    assert!(shown.body.contains(&format!("href=\"/order/{link}\"")), "{}", shown.words());
    assert!(shown.words().contains("Orders that you have made as a guest with your address are here"));
    assert!(is_proved(&browser).await);
    assert_eq!(listed(&browser).await, std::slice::from_ref(&link));
    assert_eq!(browser.get(&format!("/order/{link}")).await.status, 200);
    let later = browser.get("/orders").await;
    assert!(!later.words().contains("as a guest"), "said once: {}", later.words());

    assert!(listed(&eve).await.is_empty() && !is_proved(&eve).await);
    mail.close().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_ordered_as_a_guest_later_on_is_found_at_the_next_sign_in() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.sign_up("ada").await;
    let link = order_with(&shop, &shop.browser(), ADA).await;
    browser.sign_in("ada").await;
    assert!(listed(&browser).await.is_empty(), "a password alone is no proof");
    assert_eq!(prove(&browser, &shop.proof_tokens().await[0]).await.status, 200);
    let later = order_with(&shop, &shop.browser(), "ADA@shopper.example").await;
    assert_eq!(listed(&browser).await, std::slice::from_ref(&link));
    browser.sign_in("ada").await;
    assert_eq!(listed(&browser).await, [later, link]);
    shop.close().await;
}

/// SECURITY 14: what the owner of an address clicks gives a stranger's account nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_opened_signed_out_or_by_another_account_changes_nothing() {
    let shop = TestShop::open().await;
    order_with(&shop, &shop.browser(), ADA).await;
    let browser = shop.browser();
    browser.sign_up("ada").await;
    let token = shop.proof_tokens().await[0].clone();
    let path = format!("/prove-address/{token}");
    let (stranger, eve) = (shop.browser(), shop.browser());
    eve.sign_up("eve").await;
    let before = shop.snapshot().await.but_sessions();

    let page = stranger.get(&path).await;
    assert_eq!(page.status, 401);
    assert!(page.words().contains("Please sign in first"), "{}", page.words());
    assert!(page.body.contains(&format!("href=\"/sign-in?next=%2Fprove-address%2F{token}\"")), "{}", page.body);
    let refused = prove(&stranger, &token).await;
    assert_eq!((refused.status, refused.problem().as_str()), (401, "sign_in_needed"));
    let led = stranger.post_form("/api/prove_address", &[("token", token.clone())]).await;
    assert_eq!(led.location(), format!("/sign-in?next=%2Fprove-address%2F{token}"));

    let page = eve.get(&path).await;
    assert_eq!(page.status, 410);
    assert!(page.words().contains("belongs to another account than yours"), "{}", page.words());
    assert!(page.forms().iter().all(|form| form.action != "/api/prove_address"));
    let refused = prove(&eve, &token).await;
    assert_eq!((refused.status, refused.problem().as_str()), (410, "link_over"));
    assert_eq!(shop.snapshot().await.but_sessions(), before);

    // Signing in leads back to it.
    let form = stranger.follow(&led).await;
    let typed = [("email", ADA.to_owned()), ("password", PASSWORD.to_owned())];
    let page = stranger.submit(&form, "/api/sign_in", &typed).await;
    assert_eq!((page.status, page.path.as_str()), (200, path.as_str()));
    stranger.submit(&page, "/api/prove_address", &[]).await;
    assert!(is_proved(&browser).await);
    assert_eq!((listed(&browser).await.len(), listed(&eve).await.len()), (1, 0));
    shop.close().await;
}

/// SECURITY 14.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_used_expired_or_none_of_ours_says_so_and_how_to_get_another() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.sign_up("ada").await;
    let token = shop.proof_tokens().await[0].clone();
    let path = format!("/prove-address/{token}");
    let open_before = browser.get(&path).await;
    shop.execute("update address_proof set expires_at = utc_timestamp(6)").await;
    for path in [path.as_str(), "/prove-address/0123", "/prove-address/%C3%A9"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 410, "{path}");
        assert!(page.words().contains("This link does not work"), "{}", page.words());
        page.form("/api/send_address_proof");
    }
    let refused = prove(&browser, &token).await;
    assert_eq!((refused.status, refused.problem().as_str()), (410, "link_over"));
    let page = browser.submit(&open_before, "/api/prove_address", &[]).await;
    assert_eq!((page.status, page.path.as_str()), (410, path.as_str()), "it expired while the page was open");
    assert!(!is_proved(&browser).await);

    let sent = browser.submit(&page, "/api/send_address_proof", &[]).await;
    assert!(sent.words().contains("A mail is on its way to ada@shopper.example"), "{}", sent.words());
    let tokens = shop.proof_tokens().await;
    assert_eq!(tokens.len(), 2);
    let page = browser.get(&format!("/prove-address/{}", tokens[1])).await;
    browser.submit(&page, "/api/prove_address", &[]).await;
    assert!(is_proved(&browser).await);
    let again = browser.submit(&page, "/api/prove_address", &[]).await;
    assert_eq!(again.status, 410, "used");
    assert!(again.words().contains("You have proved your address already"), "{}", again.words());
    assert_eq!(prove(&browser, &tokens[1]).await.status, 410);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_too_many_letters_gets_the_same_answer_and_no_letter() {
    let shop = TestShop::open().await;
    let mail = TestMail::open(&shop.settings).await;
    let browser = shop.browser();
    browser.sign_up("ada").await;
    let ask = async || {
        let orders = browser.get("/orders").await;
        let shown = browser.submit(&orders, "/api/send_address_proof", &[]).await;
        assert_eq!((shown.status, shown.path.as_str()), (200, "/orders"));
        assert!(shown.words().contains("A mail is on its way"), "{}", shown.words());
        let answer = browser.as_api().post_json("/api/send_address_proof", &json!({})).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "null"));
        shop.proof_tokens().await.len()
    };
    assert_eq!(ask().await, 1, "within a minute");
    let minute = "update address_proof set created_at = created_at - interval 61 second";
    for letters in 2..=10 {
        shop.execute(minute).await;
        assert_eq!(ask().await, letters);
    }
    shop.execute(minute).await;
    assert_eq!(ask().await, 10, "ten a day");
    within("the letters arrive", async || arrived(&mail, ADA).len() == 10).await;
    mail.close().await;
    shop.close().await;
}

/// A mail from a shop must not carry a stranger's words to whoever's address they type.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_typed_at_sign_up_is_in_the_letter_but_the_address() {
    let shop = TestShop::open().await;
    let mail = TestMail::open(&shop.settings).await;
    shop.browser().sign_up("ada").await;
    within("the mail arrives", async || !arrived(&mail, ADA).is_empty()).await;
    assert!(!mail.arrived()[0].contains("Reader"), "{}", mail.arrived()[0]);
    mail.close().await;
    shop.close().await;
}
