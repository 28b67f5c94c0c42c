//! Only our own pages may change anything.

use reqwest::Method;

use crate::access::{self, Purpose};
use crate::harness::{Client, TestShop};

const SITES: [Option<&str>; 5] = [None, Some("same-origin"), Some("none"), Some("same-site"), Some("cross-site")];

/// The value of `Origin` for each kind.
fn origins(own: &str) -> [Option<&str>; 4] {
    [None, Some(own), Some("https://evil.example"), Some("null")]
}

/// Whether a browser with our cookie may send this. What it says of the site goes first; our own address is believed.
fn is_ours(site: Option<&str>, origin: Option<&str>, own: &str) -> bool {
    match site {
        Some("same-origin" | "none") => true,
        Some(_) => origin == Some(own),
        None => origin == Some(own),
    }
}

/// SECURITY 41: every pair of headers, for each function that changes something, with a session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_site_sends_with_our_cookie_is_refused_and_changes_nothing() {
    let shop = TestShop::open().await;
    let guest = shop.api();
    guest.add(shop.edition("emma").await, 1).await;
    let fill = access::Fill::of(&shop, &guest).await;
    let before = shop.snapshot().await;
    let mut asked = 0;
    for row in access::TABLE.iter().filter(|row| row.purpose == Purpose::Change) {
        for site in SITES {
            for origin in origins(&shop.url) {
                if is_ours(site, origin, &shop.url) {
                    continue;
                }
                asked += 1;
                let refused = send(&guest, row, &fill, site, origin).await;
                assert_eq!(refused.status, 403, "{} from {site:?} {origin:?}", row.path);
                assert_eq!(refused.problem(), "cross_site");
            }
        }
    }
    assert_eq!(asked, 12 * 9);
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_our_own_pages_send_is_let_through() {
    let shop = TestShop::open().await;
    for row in access::TABLE.iter().filter(|row| row.purpose == Purpose::Change) {
        // A session of their own, for one of these ends it.
        let guest = shop.api();
        guest.add(shop.edition("emma").await, 1).await;
        let fill = access::Fill::of(&shop, &guest).await;
        for site in SITES {
            for origin in origins(&shop.url).into_iter().filter(|origin| is_ours(site, *origin, &shop.url)) {
                let answer = send(&guest, row, &fill, site, origin).await;
                assert_ne!(answer.status, 403, "{} from {site:?} {origin:?}: {answer:?}", row.path);
            }
        }
    }
    shop.close().await;
}

/// A program without a cookie brings nothing along that another site could abuse.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_without_a_cookie_need_not_say_where_it_comes_from() {
    let shop = TestShop::open().await;
    let program = shop.api();
    let body = format!("edition={}&quantity=1", shop.edition("emma").await);
    let request = || program.bare_request(Method::POST, "/api/add_to_basket").body(body.clone());
    let form = "application/x-www-form-urlencoded";
    let foreign = request().header("Content-Type", form).header("Origin", "https://evil.example");
    assert_eq!(program.send(foreign).await.status, 403);
    assert_eq!(program.send(request().header("Content-Type", form)).await.status, 200);
    assert_eq!(program.send(request().header("Content-Type", form)).await.status, 403, "from then on it has one");
    let empty = request().header("Content-Type", form).header("Origin", "");
    assert_eq!(program.send(empty).await.status, 403, "an empty header proves nothing");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_comes_from_another_site_is_told_what_to_do() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 1).await;
    let request = browser.bare_request(Method::POST, "/api/sign_out").header("Sec-Fetch-Site", "cross-site");
    let page = browser.send(request.form(&[("a", "b")])).await;
    assert_eq!(page.status, 403);
    assert!(page.words().contains("did not come from our own pages"), "{}", page.words());
    assert!(page.words().contains(page.header("x-request-id")));
    shop.close().await;
}

/// SECURITY 42.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looking_at_everything_changes_nothing() {
    let shop = TestShop::open().await;
    let customer = shop.api();
    customer.sign_up("ada").await;
    customer.buy(&shop, "emma", 1).await;
    shop.until_captured().await;
    customer.add(shop.edition("emma").await, 1).await;
    let fill = access::Fill::of(&shop, &customer).await;
    let browser = Client::new(&shop.url, "text/html");
    browser.set_cookie("octavo", &customer.cookie("octavo").unwrap());
    let before = shop.snapshot().await;
    for row in access::TABLE {
        for client in [&customer, &browser] {
            for method in [Method::GET, Method::HEAD] {
                client.send(client.request(method, &fill.path(row))).await;
            }
        }
    }
    for path in ["/no/such/page", "/search?q=%3Cb%3E&page=9", "/order/0123/pay", "/book/..", "/favicon.svg"] {
        browser.get(path).await;
    }
    assert_eq!(shop.snapshot().await, before);
    shop.close().await;
}

async fn send(
    client: &Client,
    row: &access::Row,
    fill: &access::Fill,
    site: Option<&str>,
    origin: Option<&str>,
) -> crate::harness::Answer {
    let mut request = client.bare_request(Method::POST, row.path).form(&fill.fields(row));
    if let Some(site) = site {
        request = request.header("Sec-Fetch-Site", site);
    }
    if let Some(origin) = origin {
        request = request.header("Origin", origin);
    }
    client.send(request).await
}
