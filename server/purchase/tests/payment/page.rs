//! The hosted page: what it shows and takes, how it ends.

use purchase::payment::{Bank, BankError, IntentState, SessionRequest, SessionState};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::support::{TestBank, euros, key};

/// A page for two copies at € 12.49 each.
fn request(amount: i64) -> SessionRequest<'static> {
    SessionRequest {
        attempt: Uuid::new_v4(),
        order_number: "7F3K-9Q2M",
        return_url: "http://shop.example/order/1",
        email: "ada@example.org",
        lines: vec![("The Hobbit", 2, euros(1249))],
        amount: euros(amount),
        expires_at: OffsetDateTime::now_utc() + Duration::minutes(35),
    }
}

#[tokio::test]
async fn a_page_shows_the_lines_or_the_order_in_one_sum() {
    let bank = TestBank::open().await;
    for (amount, shown, hidden) in [(2498, "The Hobbit", "Order 7F3K-9Q2M"), (1998, "Order 7F3K-9Q2M", "The Hobbit")] {
        let body = bank.stripe.session_body(&request(amount));
        let session = bank.stripe.open_session(&key(), &body).await.unwrap();
        let page = bank.http.get(session.url.unwrap()).send().await.unwrap().text().await.unwrap();
        assert!(page.contains(shown) && !page.contains(hidden), "{page}");
        assert!(page.contains(&format!("EUR {}.{:02}", amount / 100, amount % 100)), "{page}");
    }
}

#[tokio::test]
async fn a_paid_page_names_its_payment_and_an_expired_one_takes_nothing() {
    let bank = TestBank::open().await;
    let (body, opening) = (bank.stripe.session_body(&request(2498)), key());
    bank.fault("POST /v1/checkout/sessions", "act_then_drop").await;
    assert!(bank.stripe.open_session(&opening, &body).await.is_err());
    let session = bank.stripe.open_session(&opening, &body).await.unwrap();
    assert_eq!(session.state, SessionState::Open);
    let card = [("number", "4242424242424242"), ("expiry", "12/40"), ("cvc", "123"), ("name", "Ada Lovelace")];
    let paid = bank.http.post(session.url.unwrap()).form(&card).send().await.unwrap();
    assert_eq!(paid.status(), 303);
    let SessionState::Complete { intent } = bank.stripe.session(&session.id).await.unwrap().state else {
        panic!("not complete");
    };
    assert_eq!(bank.stripe.intent(&intent).await.unwrap(), IntentState::Authorised);
    let late = bank.stripe.expire_session(&session.id).await.unwrap_err();
    assert!(matches!(late, BankError::Refused { .. }), "{late}");

    let other = bank.stripe.open_session(&key(), &bank.stripe.session_body(&request(2498))).await.unwrap();
    let expired = bank.stripe.expire_session(&other.id).await.unwrap();
    assert_eq!((expired.state, expired.url), (SessionState::Expired, None));
}
