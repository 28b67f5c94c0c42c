//! What a session is worth, and for how long.

use identity::{ABSOLUTE_LIFETIME, Error, RENEWAL_INTERVAL};
use time::{Duration, OffsetDateTime};
use tower_sessions::session::Id;

use crate::browser::{PASSWORD, Shop};

#[tokio::test]
async fn a_passer_by_costs_no_query_and_no_row() {
    let shop = Shop::open().await;
    shop.database().close().await; // whatever asks the database now, fails
    let session = shop.browser().session();
    assert_eq!(shop.identity.shopper(&session).await.unwrap(), None);
    assert_eq!(shop.identity.customer(&session).await.unwrap(), None);
    shop.identity.sign_out(&session).await.unwrap();
    assert!(!session.is_modified());
    shop.close().await;
}

#[tokio::test]
async fn security_75_nobody_is_signed_in_while_the_store_is_down() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.sign_up("ada@example.org").await.unwrap();
    shop.database().close().await;
    let session = browser.session();
    assert!(matches!(shop.identity.customer(&session).await, Err(Error::Session(_))));
    assert!(matches!(shop.identity.shopper(&session).await, Err(Error::Session(_))));
    shop.close().await;
}

#[tokio::test]
async fn a_guest_stays_the_same_shopper_and_an_invented_cookie_is_nobody() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    let guest = browser.shopper_or_new().await;
    assert!(guest.customer().is_none());
    assert_eq!(browser.shopper_or_new().await, guest);
    assert_eq!(browser.shopper().await, Some(guest.clone()));

    let invented = Id::default();
    let mut stranger = shop.browser_with(Some(invented));
    assert_eq!(stranger.shopper().await, None);
    assert_ne!(stranger.shopper_or_new().await.id(), guest.id());
    assert_ne!(stranger.cookie, Some(invented));
    shop.close().await;
}

#[tokio::test]
async fn security_23_signing_in_gives_a_new_id_and_kills_the_old_one() {
    let shop = Shop::open().await;
    let mut victim = shop.browser();
    victim.shopper_or_new().await;
    let planted = victim.cookie;

    victim.sign_up("ada@example.org").await.unwrap();
    let first = victim.cookie;
    assert_ne!(first, planted);
    assert_eq!(shop.browser_with(planted).shopper().await, None);

    victim.sign_in("ada@example.org", PASSWORD).await.unwrap();
    assert_ne!(victim.cookie, first);
    assert_eq!(shop.browser_with(first).customer().await, None);
    assert!(victim.customer().await.is_some());
    shop.close().await;
}

#[tokio::test]
async fn security_24_a_signed_out_cookie_opens_nothing() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.sign_up("ada@example.org").await.unwrap();
    let stolen = shop.browser_with(browser.cookie);
    browser.sign_out().await;
    assert_eq!(browser.cookie, None);
    assert!(!stolen.is_stored().await);
    assert_eq!(shop.browser_with(stolen.cookie).shopper().await, None);
    shop.close().await;
}

#[tokio::test]
async fn security_24_a_request_under_way_does_not_bring_a_signed_out_session_back() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.sign_up("ada@example.org").await.unwrap();
    let other_tab = shop.browser_with(browser.cookie);
    let under_way = other_tab.session();
    under_way.insert("flash", "saved").await.unwrap();
    browser.sign_out().await;
    assert!(under_way.save().await.is_err());
    assert!(!other_tab.is_stored().await);
    shop.close().await;
}

#[tokio::test]
async fn what_is_put_into_a_session_after_signing_out_goes_under_a_new_id() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.sign_up("ada@example.org").await.unwrap();
    let old = browser.cookie;
    browser
        .request(async |identity, session| {
            identity.sign_out(session).await.unwrap();
            session.insert("flash", "signed out").await.unwrap();
        })
        .await;
    assert!(browser.cookie.is_some_and(|new| Some(new) != old));
    assert!(!shop.browser_with(old).is_stored().await);
    assert_eq!(browser.customer().await, None);
    shop.close().await;
}

#[tokio::test]
async fn signing_in_as_somebody_else_keeps_nothing_of_the_first() {
    let shop = Shop::open().await;
    shop.browser().sign_up("ada@example.org").await.unwrap();
    let mut browser = shop.browser();
    browser.sign_up("eve@example.org").await.unwrap();
    browser.put("flash", "about eve").await;
    let signed_in = browser.sign_in("ada@example.org", PASSWORD).await.unwrap();
    assert_eq!(browser.customer().await, Some(signed_in.customer));
    let flash: Option<String> = browser.session().get("flash").await.unwrap();
    assert_eq!(flash, None);
    shop.close().await;
}

#[tokio::test]
async fn security_27_a_session_ends_30_days_after_signing_in_however_busy() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.sign_up("ada@example.org").await.unwrap();
    browser.put("identity.authenticated_at", ago(ABSOLUTE_LIFETIME - Duration::minutes(1))).await;
    assert!(browser.customer().await.is_some());
    browser.put("identity.authenticated_at", ago(ABSOLUTE_LIFETIME)).await;
    let cookie = browser.cookie;
    assert_eq!(browser.shopper().await, None);
    assert_eq!(browser.cookie, None);
    assert!(!shop.browser_with(cookie).is_stored().await);
    shop.close().await;
}

#[tokio::test]
async fn security_27_use_keeps_a_session_alive_with_one_write_a_day() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.shopper_or_new().await;
    let session = browser.session();
    shop.identity.shopper(&session).await.unwrap();
    assert!(!session.is_modified());

    browser.put("identity.seen_at", ago(RENEWAL_INTERVAL)).await;
    sqlx::query!("update session set expires_at = utc_timestamp(6) + interval 1 minute")
        .execute(shop.database().pool())
        .await
        .unwrap();
    browser.shopper().await.unwrap();
    let renewed: i64 = sqlx::query_scalar("select expires_at > utc_timestamp(6) + interval 13 day from session")
        .fetch_one(shop.database().pool())
        .await
        .unwrap();
    assert_eq!(renewed, 1);
    shop.close().await;
}

#[tokio::test]
async fn security_25_a_session_of_an_account_that_is_gone_ends() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.sign_up("ada@example.org").await.unwrap();
    let cookie = browser.cookie;
    sqlx::query!("delete from customer").execute(shop.database().pool()).await.unwrap();
    assert_eq!(browser.customer().await, None);
    assert!(!shop.browser_with(cookie).is_stored().await);
    shop.close().await;
}

fn ago(age: Duration) -> i64 {
    (OffsetDateTime::now_utc() - age).unix_timestamp()
}
