//! What every answer tells browsers and caches.

use std::collections::HashSet;

use reqwest::Method;

use crate::harness::{Answer, TestShop, tags};

const EVERYWHERE: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// SECURITY 44, 45, 47, 48, 51.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_answer_carries_the_headers_of_security() {
    let shop = TestShop::open().await;
    let (browser, api) = (shop.browser(), shop.api());
    let foreign = browser.bare_request(Method::POST, "/api/sign_out").header("Origin", "https://evil.example");
    let answers = [
        ("a page", browser.get("/").await),
        ("a page that is not there", browser.get("/nowhere").await),
        ("a page for customers", browser.get("/orders").await),
        ("a page whose address is broken", browser.get("/?a=%FF").await),
        ("an answer of JSON", api.get("/api/home").await),
        ("an error of JSON", api.get("/api/orders").await),
        ("a function that is not there", api.get("/api/nonsense").await),
        ("a redirect", browser.add(shop.edition("emma").await, 1).await),
        ("a refusal", browser.send(foreign).await),
        ("a body of another type", api.send(api.request(Method::POST, "/api/sign_in").body("x")).await),
        ("a file", browser.get("/favicon.svg").await),
        ("the browser's part", browser.get("/pkg/octavo.js").await),
        ("a file that is not there", browser.get("/pkg/nonsense.js").await),
        ("a webhook", api.send(api.bare_request(Method::POST, "/webhooks/stripe").body("{}")).await),
        ("health", api.get("/healthz").await),
        ("readiness", api.get("/readyz").await),
    ];
    for (what, answer) in answers {
        for (name, value) in EVERYWHERE {
            assert_eq!(answer.header(name), value, "{what}: {name}");
        }
        let policy = answer.header("content-security-policy");
        for rule in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{what}: {policy}");
        }
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval'")
                || policy.contains("'wasm-unsafe-eval'")
        );
        assert_eq!(answer.header("access-control-allow-origin"), "", "{what}");
        let kind = answer.header("content-type");
        assert!(!kind.starts_with("text/html") || kind == "text/html; charset=utf-8", "{what}: {kind}");
        assert_eq!(answer.header("server"), "", "{what}");
    }
    shop.close().await;
}

/// SECURITY 44.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_carry_a_nonce_that_no_two_answers_share() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let mut seen = HashSet::new();
    for path in ["/", "/", "/search?q=emma", "/sign-in", "/nowhere", "/orders"] {
        let page = browser.get(path).await;
        let nonce = nonce(&page);
        assert!(nonce.len() >= 22, "128 bits: {nonce}");
        let scripts: Vec<_> = tags(&page.body).filter(|tag| tag.name == "script").collect();
        assert!(!scripts.is_empty(), "{path} has islands");
        for script in scripts {
            assert_eq!(script.attribute("nonce").as_deref(), Some(nonce.as_str()), "{path}");
        }
        assert!(seen.insert(nonce), "{path}");
    }
    let refused = browser.get("/?a=%FF").await;
    assert!(refused.header("content-security-policy").contains("script-src 'none'"));
    assert!(tags(&refused.body).all(|tag| tag.name != "script"));
    shop.close().await;
}

/// What runs in the page without a nonce, or leads a form elsewhere, is not there at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_have_no_inline_handlers_and_their_forms_stay_here() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.sign_up("ada").await;
    let link = browser.order(&shop, "emma", 1).await;
    browser.add(shop.edition("emma").await, 1).await;
    let proof = format!("/prove-address/{}", shop.proof_tokens().await[0]);
    for path in [
        "/",
        "/search?q=emma",
        "/book/emma",
        "/author/jane-austen",
        "/subject/fiction",
        "/basket",
        "/checkout",
        "/sign-in",
        "/sign-up",
        "/orders",
        "/orders?sent",
        &proof,
        "/prove-address/nonsense",
        &format!("/order/{link}"),
        &format!("/order/{link}/pay"),
        "/nowhere",
    ] {
        let page = browser.get(path).await;
        for form in page.forms() {
            let action = form.action.as_str();
            assert!(action.starts_with("/api/") || action == "/search", "{path} has a form to {action}");
        }
        for tag in tags(&page.body) {
            for handler in ["onclick", "onload", "onsubmit", "onerror", "style"] {
                assert!(tag.attribute(handler).is_none(), "{path}: <{}> has {handler}", tag.name);
            }
            for address in [tag.attribute("href"), tag.attribute("src")].into_iter().flatten() {
                let ours = address.starts_with('/') && !address.starts_with("//") || address.starts_with('#');
                assert!(ours || address.starts_with(&shop.bank.url), "{path} leads to {address}");
            }
        }
    }
    shop.close().await;
}

/// SECURITY 50.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_somebodys_own_is_kept_by_no_cache_and_what_never_changes_by_all() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    let link = browser.order(&shop, "emma", 1).await;
    let order = format!("/order/{link}");
    for path in [
        "/basket",
        "/checkout",
        "/orders",
        "/sign-in",
        "/sign-up",
        "/api/basket",
        "/api/orders",
        &order,
        "/prove-address/x",
    ] {
        assert_eq!(browser.get(path).await.header("cache-control"), "no-store", "{path}");
    }
    for path in ["/", "/search?q=emma", "/book/emma", "/nowhere"] {
        assert_eq!(browser.get(path).await.header("cache-control"), "private, no-cache", "{path}");
    }
    let file = browser.get("/pkg/octavo.js").await;
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    let missing = browser.get("/pkg/gone.js").await;
    assert_eq!(missing.status, 404);
    assert!(!missing.header("cache-control").contains("immutable"), "a file that is not there yet may come");
    shop.close().await;
}

fn nonce(page: &Answer) -> String {
    let policy = page.header("content-security-policy");
    let (_, rest) = policy.split_once("'nonce-").unwrap_or_else(|| panic!("{}: {policy}", page.path));
    rest.split_once('\'').unwrap().0.to_owned()
}
