//! Signing in and out, and the session that it begins and ends.

use serde_json::json;

use crate::harness::{Client, PASSWORD, TestShop};

/// SECURITY 34, and a promise of the design: looking costs no session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passer_by_gets_no_cookie_and_leaves_no_trace() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    for path in ["/", "/search?q=emma", "/book/emma", "/basket", "/checkout", "/orders", "/sign-in", "/nowhere"] {
        assert_eq!(browser.get(path).await.header("set-cookie"), "", "{path}");
    }
    assert_eq!(shop.count("select count(*) from session").await, 0);
    let refused = shop.api().post_json("/api/add_to_basket", &json!({ "edition": 4_000_000, "quantity": 1 })).await;
    assert_eq!((refused.status, refused.header("set-cookie")), (404, ""), "nor does asking for what is not there");
    assert_eq!(shop.count("select count(*) from session").await + shop.count("select count(*) from basket").await, 0);
    let added = browser.add(shop.edition("emma").await, 1).await;
    assert_ne!(added.header("set-cookie"), "", "who keeps something is remembered");
    assert_eq!(shop.count("select count(*) from session").await, 1);
    assert_eq!(shop.count("select count(*) from shopper").await, 0, "a guest is an id, and no row of its own");
    shop.close().await;
}

/// SECURITY 31-33.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_is_as_strict_as_the_address_allows() {
    let shop = TestShop::open().await;
    let added = shop.browser().add(shop.edition("emma").await, 1).await;
    let cookie = added.header("set-cookie").to_owned();
    assert!(cookie.starts_with("octavo="), "{cookie}");
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    shop.close().await;

    let shop = TestShop::open_with(|settings| settings.public_url = "https://shop.example".to_owned()).await;
    let added = shop.browser().add(shop.edition("emma").await, 1).await;
    let cookie = added.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-octavo="), "{cookie}");
    for flag in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert!(added.header("strict-transport-security").contains("max-age=63072000"), "SECURITY 46");
    shop.close().await;
}

/// SECURITY 23.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_gives_a_new_session_and_ends_the_old_one() {
    let shop = TestShop::open().await;
    shop.browser().sign_up("ada").await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let old = browser.cookie("octavo").unwrap();
    assert_eq!(browser.sign_in("ada").await.status, 303);
    let new = browser.cookie("octavo").unwrap();
    assert_ne!(old, new);
    let thief = shop.browser();
    thief.set_cookie("octavo", &old);
    assert!(thief.basket().await.is_empty(), "the old id opens nothing, not even the guest's basket");
    assert_eq!(thief.as_api().get("/api/orders").await.status, 401);
    assert_eq!(browser.basket().await, [("Emma".to_owned(), 1)], "which came along");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_somebody_made_up_is_nobodys() {
    let shop = TestShop::open().await;
    for made_up in ["x", "AAAAAAAAAAAAAAAAAAAAAA", "0", "%00", &"a".repeat(3000)] {
        let browser = shop.browser();
        browser.set_cookie("octavo", made_up);
        assert_eq!(browser.get("/").await.status, 200, "{made_up}");
        assert_eq!(browser.as_api().get("/api/orders").await.status, 401, "{made_up}");
        browser.add(shop.edition("emma").await, 1).await;
        assert_ne!(browser.cookie("octavo").as_deref(), Some(made_up), "nor does it become somebody's");
    }
    shop.close().await;
}

/// SECURITY 24, 50.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_ends_the_session_on_the_server_too() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.sign_up("ada").await;
    browser.add(shop.edition("emma").await, 1).await;
    let old = browser.cookie("octavo").unwrap();
    let home = browser.get("/").await;
    assert!(home.words().contains("Reader ada"));
    let fields: [(&str, String); 0] = [];
    let out = browser.post_form("/api/sign_out", &fields).await;
    assert_eq!((out.status, out.location()), (303, "/"));
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(browser.cookie("octavo"), None);
    assert!(!browser.get("/").await.words().contains("Reader ada"));
    let thief = shop.browser();
    thief.set_cookie("octavo", &old);
    assert_eq!(thief.as_api().get("/api/orders").await.status, 401);
    assert!(thief.basket().await.is_empty());
    browser.sign_in("ada").await;
    assert_eq!(browser.basket().await, [("Emma".to_owned(), 1)], "the account's basket has waited");
    shop.close().await;
}

/// A form with nothing in it is how a browser without scripts signs out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_button_in_the_head_of_the_page_signs_out() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.sign_up("ada").await;
    let home = browser.get("/").await;
    let after = browser.submit(&home, "/api/sign_out", &[]).await;
    assert!(after.words().contains("Sign in"), "{}", after.words());
    shop.close().await;
}

/// SECURITY 21.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_and_an_unknown_address_get_one_answer() {
    let shop = TestShop::open().await;
    shop.browser().sign_up("ada").await;
    let before = shop.snapshot().await;
    let attempt = async |email: &str, password: &str| {
        let fields = [("email", email.to_owned()), ("password", password.to_owned())];
        let answer = shop.api().post_form("/api/sign_in", &fields).await;
        let mut json = answer.json();
        json["request_id"] = "the request's".into();
        assert_eq!((answer.status, answer.problem().as_str()), (401, "wrong_credentials"), "{email} {password}");
        let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        (json, names)
    };
    let wrong = attempt("ada@shopper.example", "canary-password-of-somebody-else").await;
    assert_eq!(attempt("nobody@shopper.example", PASSWORD).await, wrong);
    assert_eq!(attempt("ada@shopper.example", "").await, wrong);
    assert_eq!(attempt("ada@shopper.example", &"x".repeat(2000)).await, wrong);
    assert_eq!(attempt("ada@shopper.example", &PASSWORD.to_uppercase()).await, wrong);
    assert_eq!(attempt("'or 1=1 --", PASSWORD).await, wrong);
    assert_eq!(shop.snapshot().await, before);

    let browser = shop.browser();
    let form = browser.get("/sign-in?next=/checkout").await;
    let typed = [("email", "ada@shopper.example".to_owned()), ("password", "wrong password".to_owned())];
    let shown = browser.submit(&form, "/api/sign_in", &typed).await;
    assert!(shown.words().contains("do not match"), "{}", shown.words());
    let again = shown.form("/api/sign_in");
    assert_eq!((again.field("email"), again.field("password")), ("ada@shopper.example", ""));
    shop.close().await;
}

/// SECURITY 49.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_leads_to_a_page_of_ours_and_nowhere_else() {
    let shop = TestShop::open().await;
    shop.browser().sign_up("ada").await;
    for (next, to) in [
        ("/checkout", "/checkout"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ] {
        let fields =
            [("email", "ada@shopper.example".to_owned()), ("password", PASSWORD.to_owned()), ("next", next.to_owned())];
        let answer = shop.browser().post_form("/api/sign_in", &fields).await;
        assert_eq!((answer.status, answer.location()), (303, to), "{next}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_needs_an_account_leads_there_and_back() {
    let shop = TestShop::open().await;
    shop.browser().sign_up("ada").await;
    let browser = shop.browser();
    let page = browser.get("/orders").await;
    assert_eq!(page.status, 401);
    assert!(page.body.contains("href=\"/sign-in?next=%2Forders\""), "{}", page.body);
    let form = browser.get("/sign-in?next=%2Forders").await;
    let typed = [("email", "ada@shopper.example".to_owned()), ("password", PASSWORD.to_owned())];
    let shown = browser.submit(&form, "/api/sign_in", &typed).await;
    assert_eq!((shown.path.as_str(), shown.status), ("/orders", 200));
    shop.close().await;
}

/// Two people at one browser: the second one's basket is not the first one's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_in_after_somebody_else_finds_nothing_of_theirs() {
    let shop = TestShop::open().await;
    let browser: Client = shop.browser();
    shop.browser().sign_up("eve").await;
    browser.sign_up("ada").await;
    browser.add(shop.edition("emma").await, 1).await;
    assert_eq!(browser.sign_in("eve").await.status, 303);
    assert!(browser.basket().await.is_empty());
    assert!(!browser.get("/").await.words().contains("Reader ada"));
    shop.close().await;
}
