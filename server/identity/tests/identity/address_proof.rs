//! Proving an address.

use std::collections::HashSet;

use identity::{AddressOwner, Customer};
use messages::{AddressProof, Message};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::browser::{PASSWORD, Shop};

/// The letters that are owed, in the order in which they were asked for.
async fn letters(shop: &Shop) -> Vec<AddressProof> {
    let rows: Vec<(String, String)> = sqlx::query_as("select type, payload from outbox order by created_at, id")
        .fetch_all(shop.database().pool())
        .await
        .unwrap();
    let letters = rows.into_iter().map(|(kind, payload)| match Message::decode(&kind, 1, payload.as_bytes()) {
        Ok(Message::AddressProof(proof)) => proof,
        other => panic!("not a proof: {other:?}"),
    });
    letters.collect()
}

fn token(letter: &AddressProof) -> &str {
    letter.proof_url.strip_prefix("https://octavo.example/prove-address/").unwrap()
}

async fn last_token(shop: &Shop) -> String {
    token(letters(shop).await.last().unwrap()).to_owned()
}

async fn sign_up(shop: &Shop, email: &str) -> Customer {
    shop.browser().sign_up(email).await.unwrap().customer
}

async fn ask(shop: &Shop, customer: &Customer) -> usize {
    shop.identity.send_address_proof(customer).await.unwrap();
    letters(shop).await.len()
}

/// What the account is known as when it signs in.
async fn owner(shop: &Shop, email: &str) -> Option<AddressOwner> {
    shop.browser().sign_in(email, PASSWORD).await.unwrap().customer.address_owner()
}

/// Puts the account's letters so many seconds back.
async fn let_pass(shop: &Shop, seconds: i64) {
    let back = "update address_proof set created_at = created_at - interval ? second, \
                expires_at = expires_at - interval ? second";
    sqlx::query(back).bind(seconds).bind(seconds).execute(shop.database().pool()).await.unwrap();
}

async fn live_links(shop: &Shop) -> i64 {
    sqlx::query_scalar("select count(*) from address_proof").fetch_one(shop.database().pool()).await.unwrap()
}

#[tokio::test]
async fn signing_up_owes_one_letter_and_only_a_hash_of_its_token_is_kept() {
    let shop = Shop::open().await;
    let customer = sign_up(&shop, "Ada@Example.org").await;
    assert_eq!(customer.address_owner(), None);
    let letters = letters(&shop).await;
    assert_eq!((letters.len(), letters[0].email.as_str()), (1, "Ada@Example.org"));
    let day = letters[0].valid_until - OffsetDateTime::now_utc().unix_timestamp();
    assert!((day - Duration::DAY.whole_seconds()).abs() < 60, "{day}");
    let token = token(&letters[0]);
    assert!(token.len() == 32 && token.bytes().all(|digit| digit.is_ascii_hexdigit()), "{token}");
    let kept: (Vec<u8>, String) = sqlx::query_as("select token_hash, email_folded from address_proof")
        .fetch_one(shop.database().pool())
        .await
        .unwrap();
    assert_eq!(kept, (Sha256::digest(token).to_vec(), "ada@example.org".to_owned()));
    shop.close().await;
}

#[tokio::test]
async fn a_sign_up_that_is_refused_owes_no_letter() {
    let shop = Shop::open().await;
    sign_up(&shop, "ada@example.org").await;
    shop.browser().sign_up("ADA@example.org").await.unwrap_err();
    assert_eq!(letters(&shop).await.len(), 1);
    shop.close().await;
}

/// SECURITY 14.
#[tokio::test]
async fn a_link_proves_the_address_of_the_account_that_asked_once() {
    let shop = Shop::open().await;
    let ada = sign_up(&shop, "Ada@Example.org").await;
    let eve = sign_up(&shop, "eve@example.org").await;
    let token = token(&letters(&shop).await[0]).to_owned();

    assert!(!shop.identity.is_address_proof(&eve, &token).await.unwrap());
    assert_eq!(shop.identity.prove_address(&eve, &token).await.unwrap(), None, "another account's");
    assert!(shop.identity.is_address_proof(&ada, &token).await.unwrap());
    assert_eq!(owner(&shop, "ada@example.org").await, None, "looking proves nothing, nor does another's click");

    let proved = shop.identity.prove_address(&ada, &token).await.unwrap().unwrap();
    assert_eq!((proved.customer(), proved.email_folded()), (ada.id(), "ada@example.org"));
    assert_eq!(owner(&shop, "ada@example.org").await, Some(proved));
    assert_eq!(owner(&shop, "eve@example.org").await, None);
    assert!(!shop.identity.is_address_proof(&ada, &token).await.unwrap());
    assert_eq!(shop.identity.prove_address(&ada, &token).await.unwrap(), None, "used");
    let_pass(&shop, 61).await;
    assert_eq!(ask(&shop, &ada).await, 2, "who has proved it needs no further letter");
    shop.close().await;
}

/// SECURITY 14.
#[tokio::test]
async fn what_is_no_token_of_ours_proves_nothing() {
    let shop = Shop::open().await;
    let ada = sign_up(&shop, "ada@example.org").await;
    let token = last_token(&shop).await;
    let unlike = [String::new(), "0".repeat(32), format!("{token} "), token.to_uppercase(), "' or 1=1 -- ".to_owned()];
    for token in unlike.iter().filter(|unlike| **unlike != token) {
        assert!(!shop.identity.is_address_proof(&ada, token).await.unwrap(), "{token}");
        assert_eq!(shop.identity.prove_address(&ada, token).await.unwrap(), None, "{token}");
    }
    assert!(shop.identity.prove_address(&ada, &token).await.unwrap().is_some());
    shop.close().await;
}

/// SECURITY 14.
#[tokio::test]
async fn a_link_works_for_a_day() {
    let shop = Shop::open().await;
    let ada = sign_up(&shop, "ada@example.org").await;
    let token = last_token(&shop).await;
    let_pass(&shop, 24 * 60 * 60 - 60).await;
    assert!(shop.identity.is_address_proof(&ada, &token).await.unwrap());
    let_pass(&shop, 60).await;
    assert!(!shop.identity.is_address_proof(&ada, &token).await.unwrap());
    assert_eq!(shop.identity.prove_address(&ada, &token).await.unwrap(), None);
    assert_eq!(owner(&shop, "ada@example.org").await, None);
    shop.close().await;
}

#[tokio::test]
async fn a_link_proves_no_address_but_the_one_that_it_was_mailed_to_and_that_to_no_later_account() {
    let shop = Shop::open().await;
    let ada = sign_up(&shop, "ada@example.org").await;
    let token = last_token(&shop).await;
    let eve = sign_up(&shop, "eve@example.org").await;
    for (address, customer) in [("elsewhere@example.org", &ada), ("ada@example.org", &eve)] {
        let change = sqlx::query("update customer set email_folded = ? where id = ?").bind(address);
        change.bind(customer.id().as_uuid()).execute(shop.database().pool()).await.unwrap();
    }
    for customer in [&ada, &eve] {
        assert!(!shop.identity.is_address_proof(customer, &token).await.unwrap());
        assert_eq!(shop.identity.prove_address(customer, &token).await.unwrap(), None);
    }
    shop.close().await;
}

#[tokio::test]
async fn there_is_one_letter_a_minute_and_ten_a_day_and_each_link_works() {
    let shop = Shop::open().await;
    let ada = sign_up(&shop, "ada@example.org").await;
    for letters in 1..=9 {
        assert_eq!(ask(&shop, &ada).await, letters, "within the minute");
        let_pass(&shop, 61).await;
        assert_eq!(ask(&shop, &ada).await, letters + 1);
    }
    let_pass(&shop, 61).await;
    assert_eq!(ask(&shop, &ada).await, 10, "the day's last");
    sign_up(&shop, "eve@example.org").await;
    let letters = letters(&shop).await;
    assert_eq!(letters.iter().map(token).collect::<HashSet<_>>().len(), 11);
    let_pass(&shop, 24 * 60 * 60 - 10 * 61 + 5).await;
    assert_eq!(ask(&shop, &ada).await, 12, "the day's first does not count any more");
    assert_eq!(live_links(&shop).await, 11, "and is gone");
    assert_eq!(shop.identity.prove_address(&ada, token(&letters[0])).await.unwrap(), None);
    assert!(
        shop.identity.prove_address(&ada, token(&letters[1])).await.unwrap().is_some(),
        "an older one than the last"
    );
    assert_eq!(live_links(&shop).await, 1, "the account's other links are gone, and nobody else's");
    shop.close().await;
}

#[tokio::test]
async fn of_many_who_ask_or_prove_at_once_one_has_its_way() {
    let shop = Shop::open().await;
    let ada = sign_up(&shop, "ada@example.org").await;
    let_pass(&shop, 61).await;
    let ask = || shop.identity.send_address_proof(&ada);
    let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
    for asked in [a, b, c, d] {
        asked.unwrap();
    }
    assert_eq!(letters(&shop).await.len(), 2);
    let token = last_token(&shop).await;
    let prove = || shop.identity.prove_address(&ada, &token);
    let (a, b, c, d) = tokio::join!(prove(), prove(), prove(), prove());
    assert_eq!([a, b, c, d].into_iter().filter(|proved| proved.as_ref().unwrap().is_some()).count(), 1);
    shop.close().await;
}
