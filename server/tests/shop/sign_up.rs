//! Signing up.

use serde_json::json;

use crate::harness::{PASSWORD, TestShop, sign_up_fields};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_acceptable_is_named_field_by_field_and_makes_no_account() {
    let shop = TestShop::open().await;
    let api = shop.api();
    let before = shop.snapshot().await;
    for (name, email, password, field, why) in [
        ("", "ada@shopper.example", PASSWORD, "name", "missing"),
        ("Ada\r\nBcc: x", "ada@shopper.example", PASSWORD, "name", "malformed"),
        ("Ada", "ada", PASSWORD, "email", "malformed"),
        ("Ada", "ada@shopper.example", "ninechars", "password", "too_short"),
        ("Ada", "ada@shopper.example", "1234567890", "password", "too_common"),
        ("Ada", "ada@shopper.example", "ada@shopper.example", "password", "too_obvious"),
    ] {
        let body = json!({"name": name, "email": email, "password": password});
        let answer = api.post_json("/api/sign_up", &body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid"), "{body}");
        assert_eq!(answer.json()["fields"], json!([{"field": field, "why": why}]));
    }
    let all = api.post_json("/api/sign_up", &json!({"name": " ", "email": "", "password": ""})).await;
    assert_eq!(all.json()["fields"].as_array().unwrap().len(), 3, "all at once");
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_form_is_shown_again_with_what_was_typed_but_the_password() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let form = browser.get("/sign-up").await;
    let mut typed = sign_up_fields("ada");
    typed[1].1 = "ada-at-shopper".to_owned();
    let shown = browser.submit(&form, "/api/sign_up", &typed).await;
    let again = shown.form("/api/sign_up");
    assert_eq!((again.field("name"), again.field("email")), ("Reader ada", "ada-at-shopper"));
    assert_eq!(again.field("password"), "");
    assert!(shown.words().contains("E-mail address does not look right"), "{}", shown.words());
    assert!(!shown.body.contains(PASSWORD));
    assert_eq!(shop.count("select count(*) from session where data like '%canary-password%'").await, 0);
    let signed_up = browser.submit(&shown, "/api/sign_up", &sign_up_fields("ada")).await;
    assert!(signed_up.words().contains("Reader ada"), "{}", signed_up.words());
    shop.close().await;
}

/// A notice stands in the session of who sent the form: nobody can be sent a link that shows one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_notice_shows_nothing() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let form = browser.get("/sign-up").await;
    let shown = browser
        .submit(&form, "/api/sign_up", &[("name", "x".into()), ("email", "x".into()), ("password", "x".into())])
        .await;
    assert!(shown.body.contains("role=\"alert\""));
    for query in ["notice=0123456789abcdef", "notice=<b>Call+us</b>", "__err=eyJCcm9rZW4iOm51bGx9&__path=/api/sign_up"]
    {
        for browser in [&browser, &shop.browser()] {
            let page = browser.get(&format!("/sign-up?{query}")).await;
            assert_eq!(page.status, 200);
            assert!(!page.body.contains("role=\"alert\"") && !page.body.contains("Call us"), "{query}");
        }
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_has_one_account_however_it_is_spelled() {
    let shop = TestShop::open().await;
    let clients: Vec<_> = (0..4).map(|_| shop.api()).collect();
    let answers = futures::future::join_all(
        clients.iter().map(|client| async { client.post_form("/api/sign_up", &sign_up_fields("ada")).await }),
    )
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    let mut shouted = sign_up_fields("ada");
    shouted[1].1 = " ADA@SHOPPER.EXAMPLE ".to_owned();
    let taken = shop.api().post_form("/api/sign_up", &shouted).await;
    assert_eq!((taken.status, taken.problem().as_str()), (422, "invalid"));
    assert_eq!(taken.json()["fields"], json!([{"field": "email", "why": "taken"}]));
    assert_eq!(shop.count("select count(*) from customer").await, 1);
    shop.close().await;
}
