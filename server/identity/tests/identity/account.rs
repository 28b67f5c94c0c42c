//! Signing up, in and out.

use identity::{Cost, EmailProblem, NameProblem, PasswordProblem, Problems, SignInError, SignUp, SignUpError};
use uuid::Uuid;

use crate::browser::{PASSWORD, Shop, identity};

#[tokio::test]
async fn who_signs_up_is_signed_in_and_can_come_back_from_another_browser() {
    let shop = Shop::open().await;
    let mut here = shop.browser();
    let signed_up = here.sign_up(" Ada@Example.org ").await.unwrap();
    let customer = here.customer().await.unwrap();
    assert_eq!(signed_up.customer, customer);
    assert_eq!((customer.name(), customer.email()), ("Ada Byron", "Ada@Example.org"));
    assert_eq!(here.shopper().await.unwrap().id(), customer.shopper_id());

    let mut there = shop.browser();
    there.sign_in("ADA@example.ORG", PASSWORD).await.unwrap();
    assert_eq!(there.customer().await.unwrap(), customer);
    assert_eq!(here.customer().await.unwrap(), customer);
    shop.close().await;
}

#[tokio::test]
async fn what_is_not_acceptable_is_told_for_each_field_and_stores_nothing() {
    let shop = Shop::open().await;
    let sign_up =
        SignUp { name: "Ada\nByron".to_owned(), email: "ada@example".to_owned(), password: "octavo2025".into() };
    let mut browser = shop.browser();
    let refused = browser.request(async |identity, session| identity.sign_up(session, sign_up).await).await;
    let Err(SignUpError::Invalid(problems)) = refused else {
        panic!("not refused: {refused:?}");
    };
    let expected = Problems {
        name: Some(NameProblem::Malformed),
        email: Some(EmailProblem::Malformed),
        password: Some(PasswordProblem::TooObvious),
    };
    assert_eq!(problems, expected);
    assert_eq!(browser.cookie, None);
    assert_eq!(count(&shop, "customer").await, 0);
    shop.close().await;
}

#[tokio::test]
async fn one_address_has_one_account_however_it_is_spelt() {
    let shop = Shop::open().await;
    shop.browser().sign_up("ada@example.org").await.unwrap();
    let mut second = shop.browser();
    let refused = second.sign_up(" ADA@example.org").await;
    assert!(matches!(refused, Err(SignUpError::EmailTaken)), "{refused:?}");
    assert_eq!(second.cookie, None);
    assert_eq!((count(&shop, "customer").await, count(&shop, "shopper").await), (1, 1));
    shop.close().await;
}

#[tokio::test]
async fn of_many_sign_ups_for_one_address_at_once_one_wins() {
    let shop = Shop::open().await;
    let (mut a, mut b, mut c, mut d) = (shop.browser(), shop.browser(), shop.browser(), shop.browser());
    let email = "ada@example.org";
    let (a, b, c, d) = tokio::join!(a.sign_up(email), b.sign_up(email), c.sign_up(email), d.sign_up(email));
    let (won, lost): (Vec<_>, Vec<_>) = [a, b, c, d].into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|lost| matches!(lost, Err(SignUpError::EmailTaken))), "{lost:?}");
    assert_eq!((count(&shop, "customer").await, count(&shop, "shopper").await), (1, 1));
    shop.close().await;
}

#[tokio::test]
async fn security_21_a_wrong_password_and_an_unknown_address_get_one_answer() {
    let shop = Shop::open().await;
    shop.browser().sign_up("ada@example.org").await.unwrap();
    let mut browser = shop.browser();
    let long = "x".repeat(2000);
    for (email, password) in [
        ("ada@example.org", "correct horse batterz"),
        ("ada@example.org", ""),
        ("ada@example.org", &long),
        ("eve@example.org", PASSWORD),
        ("eve@example.org", &long),
        ("", PASSWORD),
        ("' or 1=1 -- ", PASSWORD),
    ] {
        let refused = browser.sign_in(email, password).await;
        assert!(matches!(refused, Err(SignInError::Wrong)), "{email:?}: {refused:?}");
    }
    assert_eq!(browser.cookie, None);
    shop.close().await;
}

#[tokio::test]
async fn security_4_eighty_characters_count_to_the_last_one() {
    let shop = Shop::open().await;
    let password = "correct horse battery staple ".repeat(3)[..79].to_owned();
    let (right, wrong) = (format!("{password}1"), format!("{password}2"));
    shop.browser().sign_up_with("ada@example.org", &right).await.unwrap();
    let mut browser = shop.browser();
    assert!(matches!(browser.sign_in("ada@example.org", &wrong).await, Err(SignInError::Wrong)));
    assert!(browser.sign_in("ada@example.org", &right).await.is_ok());
    shop.close().await;
}

#[tokio::test]
async fn security_83_only_a_hash_is_stored_and_it_is_renewed_when_the_cost_rises() {
    let shop = Shop::open().await;
    shop.browser().sign_up("ada@example.org").await.unwrap();
    let cheap = stored_hash(&shop).await;
    assert!(cheap.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{cheap}");

    let dearer = identity(shop.database(), Cost::STANDARD);
    let session = shop.browser().session();
    dearer.sign_in(&session, "ada@example.org", PASSWORD.into()).await.unwrap();
    let renewed = stored_hash(&shop).await;
    assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed}");
    shop.browser().sign_in("ada@example.org", PASSWORD).await.unwrap();
    assert_eq!(stored_hash(&shop).await, renewed);
    shop.close().await;
}

#[tokio::test]
async fn a_guest_belongs_to_the_account_after_signing_in() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    let guest = browser.shopper_or_new().await.id();
    let signed_up = browser.sign_up("ada@example.org").await.unwrap();
    assert_eq!(signed_up.guest, Some(guest));
    assert_ne!(signed_up.customer.shopper_id(), guest);
    assert_eq!(owner(&shop, guest.as_uuid()).await, signed_up.customer.id().as_uuid());
    assert_eq!(browser.shopper().await.unwrap().id(), signed_up.customer.shopper_id());

    browser.sign_out().await;
    let next = browser.shopper_or_new().await.id();
    assert_ne!(next, guest);
    let signed_in = browser.sign_in("ada@example.org", PASSWORD).await.unwrap();
    assert_eq!(signed_in.guest, Some(next));
    // Signing in again, without having been a guest in between.
    assert_eq!(browser.sign_in("ada@example.org", PASSWORD).await.unwrap().guest, None);
    shop.close().await;
}

#[tokio::test]
async fn a_guest_goes_to_one_account_only() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    let guest = browser.shopper_or_new().await.id();
    let mut other_tab = shop.browser_with(browser.cookie);
    let ada = browser.sign_up("ada@example.org").await.unwrap();
    // The other tab's request was read before the first one's session ended.
    let session = other_tab.session();
    session.insert("identity.guest", guest.as_uuid()).await.unwrap();
    let eve = SignUp { name: "Eve".to_owned(), email: "eve@example.org".to_owned(), password: PASSWORD.into() };
    let eve = other_tab.request(async |identity, _| identity.sign_up(&session, eve).await).await.unwrap();
    assert_eq!((ada.guest, eve.guest), (Some(guest), None));
    assert_eq!(owner(&shop, guest.as_uuid()).await, ada.customer.id().as_uuid());
    shop.close().await;
}

#[tokio::test]
async fn security_78_nobodys_name_or_address_is_in_what_gets_printed() {
    let shop = Shop::open().await;
    let signed_in = shop.browser().sign_up("ada@example.org").await.unwrap();
    let printed = format!("{signed_in:?}");
    assert!(!printed.contains("ada@") && !printed.contains("Byron"), "{printed}");
    shop.close().await;
}

async fn count(shop: &Shop, table: &str) -> i64 {
    let count = match table {
        "customer" => sqlx::query_scalar("select count(*) from customer"),
        _ => sqlx::query_scalar("select count(*) from shopper"),
    };
    count.fetch_one(shop.database().pool()).await.unwrap()
}

async fn stored_hash(shop: &Shop) -> String {
    sqlx::query_scalar!("select password_hash from customer").fetch_one(shop.database().pool()).await.unwrap()
}

async fn owner(shop: &Shop, shopper: Uuid) -> Uuid {
    sqlx::query_scalar!(r#"select customer_id as "customer_id: Uuid" from shopper where id = ?"#, shopper)
        .fetch_one(shop.database().pool())
        .await
        .unwrap()
}
