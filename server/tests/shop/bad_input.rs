//! What must not be carried out: the right status, a page that says what to do, and nothing changed in the database.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestShop, address};

const FORM: &str = "application/x-www-form-urlencoded";

/// SECURITY 64: each quantity as JSON and as a form.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quantity_that_cannot_be_ordered_is_refused() {
    let shop = TestShop::open().await;
    let (api, emma) = guest(&shop).await;
    let before = shop.snapshot().await;
    for function in ["/api/add_to_basket", "/api/set_quantity"] {
        for quantity in ["0", "-1", "100", "1000000000", "9223372036854775807", "-9223372036854775808"] {
            // To set it to nothing is to take the book out.
            if function == "/api/set_quantity" && quantity == "0" {
                continue;
            }
            let number: i64 = quantity.parse().unwrap();
            let answers = [
                api.post_json(function, &json!({"edition": emma, "quantity": number})).await,
                post(&api, function, FORM, format!("edition={emma}&quantity={quantity}")).await,
            ];
            for answer in answers {
                assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid"), "{function} {quantity}");
                assert_eq!(answer.json()["fields"], json!([{"field": "quantity", "why": "out_of_range"}]));
            }
        }
        for quantity in ["abc", "", "1.5", "1e3", "NaN", "0x10", "9223372036854775808", " 1"] {
            let answer = post(&api, function, FORM, format!("edition={emma}&quantity={quantity}")).await;
            assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{function} {quantity}");
        }
        for quantity in [json!("1"), json!(1.5), json!(null), json!([1]), json!({"a": 1}), json!(true), json!(1e300)] {
            let answer = api.post_json(function, &json!({"edition": emma, "quantity": quantity})).await;
            assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{function} {quantity}");
        }
    }
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_sends_a_wrong_quantity_is_led_back_and_told() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let before = shop.snapshot().await.but_sessions();
    let basket = browser.get("/basket").await;
    let shown = browser.submit(&basket, "/api/set_quantity", &[("quantity", "1000000000".to_owned())]).await;
    assert_eq!(shown.path, "/basket");
    assert!(shown.words().contains("Please check the fields below"), "{}", shown.words());
    assert!(shown.words().contains("Please choose a number from 0 to 99"), "{}", shown.words());
    let shown = browser.submit(&shown, "/api/set_quantity", &[("quantity", "abc".to_owned())]).await;
    assert!(shown.words().contains("could not be read"), "{}", shown.words());
    assert_eq!(shop.snapshot().await.but_sessions(), before);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_that_is_not_there_is_not_found() {
    let shop = TestShop::open().await;
    let (api, _) = guest(&shop).await;
    let before = shop.snapshot().await;
    for edition in ["999999", "0", "18446744073709551615"] {
        for function in ["/api/add_to_basket", "/api/set_quantity"] {
            let answer = post(&api, function, FORM, format!("edition={edition}&quantity=1")).await;
            assert_eq!((answer.status, answer.problem().as_str()), (404, "not_found"), "{function} {edition}");
        }
    }
    for edition in ["-1", "18446744073709551616", "emma", "1;drop table stock"] {
        let answer = post(&api, "/api/add_to_basket", FORM, format!("edition={edition}&quantity=1")).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{edition}");
    }
    let slugs = ["nonsense", "..%2F..%2Fetc%2Fpasswd", "..%5c..%5cwindows", "emma%00", "emma'--", &"x".repeat(3000)];
    for slug in slugs {
        for kind in ["book", "author", "subject"] {
            let page = shop.browser().get(&format!("/{kind}/{slug}")).await;
            assert_eq!(page.status, 404, "/{kind}/{slug}");
            assert!(page.words().contains("There is nothing at this address"), "{}", page.words());
            assert_eq!(api.get(&format!("/api/{kind}?slug={slug}")).await.status, 404, "{slug}");
        }
    }
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}

/// SECURITY 40, 63.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_price_that_is_sent_along_is_refused() {
    let shop = TestShop::open().await;
    let (api, emma) = guest(&shop).await;
    let token = api.checkout_token().await;
    let before = shop.snapshot().await;
    for extra in ["price=1", "unit_price=1", "user_id=1", "role=staff", "quantity=2"] {
        let answer = post(&api, "/api/add_to_basket", FORM, format!("edition={emma}&quantity=1&{extra}")).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{extra}");
    }
    let answer = api.post_json("/api/add_to_basket", &json!({"edition": emma, "quantity": 1, "price": 1})).await;
    assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"));
    for extra in ["total", "price", "country", "state", "shopper_id"] {
        let mut order = order(&token);
        order[extra] = json!(1);
        let answer = api.post_json("/api/place_order", &order).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{extra}");
    }
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_missing_or_forged_orders_nothing() {
    let shop = TestShop::open().await;
    let (api, _) = guest(&shop).await;
    let token = api.checkout_token().await;
    let before = shop.snapshot().await;
    let mut flipped = token.clone();
    flipped.replace_range(..1, if token.starts_with('0') { "1" } else { "0" });
    for forged in [flipped, "0".repeat(64)] {
        let answer = api.post_json("/api/place_order", &order(&forged)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (409, "basket_changed"), "{forged}");
    }
    for malformed in [String::new(), "abc".to_owned(), format!("{token}00"), "ÿ".repeat(64)] {
        let answer = api.post_json("/api/place_order", &order(&malformed)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{malformed}");
    }
    for missing in ["token", "email", "city"] {
        let mut order = order(&token);
        order.as_object_mut().unwrap().remove(missing);
        let answer = api.post_json("/api/place_order", &order).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "without {missing}");
    }
    let passer_by = shop.api().post_json("/api/place_order", &order(&token)).await;
    assert_eq!((passer_by.status, passer_by.problem().as_str()), (409, "empty_basket"));
    let empty = shop.browser();
    empty.add(shop.edition("emma").await, 1).await;
    empty
        .post_form(
            "/api/set_quantity",
            &[("edition", shop.edition("emma").await.to_string()), ("quantity", "0".into())],
        )
        .await;
    let answer = empty.as_api().post_json("/api/place_order", &order(&token)).await;
    assert_eq!((answer.status, answer.problem().as_str()), (409, "empty_basket"));
    assert_eq!(shop.count("select count(*) from orders").await, 0);
    assert_eq!(shop.stock("emma").await.held, 0);
    drop(before);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_with_control_characters_or_without_end_is_refused() {
    let shop = TestShop::open().await;
    let (api, _) = guest(&shop).await;
    let token = api.checkout_token().await;
    let before = shop.snapshot().await;
    for (field, value) in [
        ("name", "Ada\r\nBcc: all@shopper.example".to_owned()),
        ("name", "Ada\u{0}".to_owned()),
        ("street", "x".repeat(201)),
        ("postcode", "1".repeat(21)),
        ("city", "\t".to_owned()),
        ("email", "ada@@shopper.example".to_owned()),
        ("email", "ada@shopper.example\r\nBcc: all@shopper.example".to_owned()),
        ("email", format!("{}@shopper.example", "a".repeat(250))),
    ] {
        let mut order = order(&token);
        order[field] = json!(value);
        let answer = api.post_json("/api/place_order", &order).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid"), "{field} {value:?}");
        assert_eq!(answer.json()["fields"][0]["field"], field);
    }
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_refused() {
    let shop = TestShop::open().await;
    let (api, emma) = guest(&shop).await;
    let before = shop.snapshot().await.but_sessions();
    let large = "x".repeat(70_000);
    for (function, body) in [
        ("/api/add_to_basket", format!("edition={emma}&quantity=1&note={large}")),
        ("/api/sign_in", format!("email=a&password={large}")),
        ("/api/sign_up", format!("name={large}&email=a&password=b")),
    ] {
        let answer = post(&api, function, FORM, body.clone()).await;
        assert_eq!((answer.status, answer.problem().as_str()), (413, "too_large"), "{function}");
        let browser = shop.browser();
        let page = post(&browser, function, FORM, body).await;
        assert_eq!(page.status, 413);
        assert!(page.words().contains("shorten what you entered"), "{}", page.words());
    }
    assert_eq!(shop.snapshot().await.but_sessions(), before);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_not_utf_8_are_refused_wherever_they_stand() {
    let shop = TestShop::open().await;
    let (api, emma) = guest(&shop).await;
    let before = shop.snapshot().await;
    for path in [
        "/search?q=caf%E9",
        "/api/search?q=%FF",
        "/search?%FF=1",
        "/book/%FF",
        "/order/%C3%28",
        "/?a=%80",
        "/no%FFwhere",
    ] {
        let page = shop.browser().get(path).await;
        assert_eq!(page.status, 400, "{path}");
        assert!(page.words().contains("could not be read"), "{path}: {}", page.words());
        let answer = api.get(path).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{path}");
    }
    for body in [&b"edition=1&quantity=%FF"[..], b"edition=1&quantity=\xff", b"{\"edition\": 1, \"quantity\": \xff}"] {
        for kind in [FORM, "application/json"] {
            let request = api.request(Method::POST, "/api/add_to_basket").header("Content-Type", kind);
            let answer = api.send(request.body(body)).await;
            assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{body:?}");
        }
    }
    let name = format!("name=%FF&email=eve%40shopper.example&password=x&edition={emma}");
    assert_eq!(post(&api, "/api/sign_up", FORM, name).await.status, 400);
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}

/// SECURITY 43.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_another_type_is_refused() {
    let shop = TestShop::open().await;
    let (api, emma) = guest(&shop).await;
    let before = shop.snapshot().await;
    let body = json!({"edition": emma, "quantity": 1}).to_string();
    for kind in [
        "text/plain",
        "text/plain;charset=UTF-8",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "",
    ] {
        let answer = post(&api, "/api/add_to_basket", kind, body.clone()).await;
        assert_eq!((answer.status, answer.problem().as_str()), (415, "unsupported_type"), "{kind}");
        let page = post(&shop.browser(), "/api/add_to_basket", kind, body.clone()).await;
        assert_eq!(page.status, 415);
        assert!(page.words().contains("Please send a form or JSON"), "{}", page.words());
    }
    for text in ["{", "[]", "null", "{\"edition\": 1", "\"edition\"", "{\"edition\": 1, \"edition\": 2}", "{}}", "{{{{"]
    {
        let answer = post(&api, "/api/add_to_basket", "application/json", text.to_owned()).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{text}");
    }
    let deep = format!("{{\"edition\": {}1{}}}", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(post(&api, "/api/add_to_basket", "application/json", deep).await.status, 400);
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}

/// What is typed into a search is data, whatever it looks like.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_for_anything_at_all_is_answered() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let before = shop.snapshot().await;
    let long = "a".repeat(6000);
    for text in [
        "<script>alert(1)</script>",
        "\" onfocus=alert(1) x=\"",
        "' or '1'='1",
        "*",
        "title:emma AND",
        "(((",
        "a\u{0}b",
        "\u{202e}emma",
        "🎈",
        "%",
        "_",
        "\\",
        "[* TO *]",
        "-",
        &long,
    ] {
        let query = serde_urlencoded::to_string([("q", text)]).unwrap();
        let page = browser.get(&format!("/search?{query}")).await;
        assert_eq!(page.status, 200, "{text}");
        assert!(!page.body.contains("<script>alert") && !page.body.contains("value=\"\" onfocus"), "{text}");
        for function in ["search", "suggest"] {
            assert_eq!(shop.api().get(&format!("/api/{function}?{query}")).await.status, 200, "{function} {text}");
        }
    }
    for page in ["-1", "abc", "4294967296", "0", "4294967295"] {
        assert_eq!(browser.get(&format!("/search?q=emma&page={page}")).await.status, 200, "{page}");
    }
    assert_eq!(shop.api().get("/api/search?q=emma&page=abc").await.status, 400);
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}

/// SECURITY 53: what somebody types stays words, on every page that shows it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn markup_in_names_and_addresses_is_shown_as_it_was_typed() {
    const MARKUP: &str = "<img src=x onerror=alert(1)>\"'</script>&amp;";
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let fields = [
        ("name", MARKUP.to_owned()),
        ("email", "eve@shopper.example".to_owned()),
        ("password", crate::harness::PASSWORD.to_owned()),
    ];
    assert_eq!(browser.post_form("/api/sign_up", &fields).await.status, 303);
    browser.add(shop.edition("emma").await, 1).await;
    let form = browser.get("/checkout").await;
    assert_eq!(form.form("/api/place_order").field("name"), MARKUP);
    let mut typed = address();
    for (name, value) in &mut typed {
        if ["name", "street", "city"].contains(name) {
            *value = MARKUP.to_owned();
        }
    }
    let refused: Vec<_> = typed
        .iter()
        .cloned()
        .map(|(name, value)| (name, if name == "postcode" { String::new() } else { value }))
        .collect();
    let again = browser.submit(&form, "/api/place_order", &refused).await;
    assert_eq!(again.form("/api/place_order").field("street"), MARKUP);
    let pay = browser.submit(&again, "/api/place_order", &typed).await;
    let order = browser.get(pay.path.trim_end_matches("/pay")).await;
    assert!(order.words().contains(MARKUP), "{}", order.words());
    for page in [&form, &again, &pay, &order, &browser.get("/orders").await, &browser.get("/").await] {
        assert!(!page.body.contains("<img src=x"), "{}: {}", page.path, page.body);
    }
    shop.close().await;
}

/// A guest with Emma in the basket, and Emma's id.
async fn guest(shop: &TestShop) -> (Client, u64) {
    let emma = shop.edition("emma").await;
    let api = shop.api();
    assert_eq!(api.add(emma, 1).await.status, 200);
    (api, emma)
}

fn order(token: &str) -> Value {
    let mut order: serde_json::Map<_, _> =
        address().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    order.insert("token".to_owned(), token.into());
    order.into()
}

async fn post(client: &Client, path: &str, kind: &str, body: String) -> Answer {
    let request = client.request(Method::POST, path).body(body);
    client.send(if kind.is_empty() { request } else { request.header("Content-Type", kind) }).await
}
