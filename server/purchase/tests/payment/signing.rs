//! The bank's webhooks, as the shop checks them: while a secret is rotated, each signs.

use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use purchase::payment::{SignatureError, verify};
use secrecy::SecretString;
use serde_json::json;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::support::{TestBank, VISA};

/// A webhook: its signature and its body.
type Letter = (String, String);

/// A shop's address for webhooks, and what arrives there.
async fn letterbox() -> (String, mpsc::UnboundedReceiver<Letter>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::unbounded_channel();
    let take = async move |headers: HeaderMap, body: String| {
        sender.send((headers["stripe-signature"].to_str().unwrap().to_owned(), body)).unwrap();
    };
    tokio::spawn(axum::serve(listener, Router::new().route("/", post(take))).into_future());
    (url, receiver)
}

#[tokio::test]
async fn a_webhook_is_believed_by_the_old_secret_and_the_new_while_both_sign() {
    let (url, mut letters) = letterbox().await;
    let bank = TestBank::open_for(Some(url)).await;
    let check = |(signature, body): &Letter, secret: &str| {
        verify(&SecretString::from(secret), signature, body.as_bytes(), OffsetDateTime::now_utc().unix_timestamp())
    };
    bank.faults(&json!([{ "webhook_secrets": ["whsec_test", "whsec_next"] }])).await;
    bank.captured(VISA, 900).await;
    let letter = tokio::time::timeout(Duration::from_secs(20), letters.recv()).await.unwrap().unwrap();
    assert_eq!(check(&letter, "whsec_test"), Ok(()));
    assert_eq!(check(&letter, "whsec_next"), Ok(()));
    assert_eq!(check(&letter, "whsec_guess"), Err(SignatureError::Forged));
}
