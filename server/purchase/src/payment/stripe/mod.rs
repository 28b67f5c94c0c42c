//! Stripe's HTTP API, by plain form-encoded requests: hosted Checkout, and payments with manual capture.

mod client;
mod intent;
mod session;

use async_trait::async_trait;

use self::client::{Answer, form};
use self::intent::IntentJson;
use self::session::SessionJson;
use super::{Bank, BankError, IntentRequest, IntentState, Session, SessionRequest};

pub use client::Stripe;

#[async_trait]
impl Bank for Stripe {
    async fn open_session(&self, key: &str, body: &str) -> Result<Session, BankError> {
        let session: SessionJson = self.post("checkout/sessions", Some(key), body.to_owned()).await?;
        session.try_into()
    }

    fn session_body(&self, request: &SessionRequest<'_>) -> String {
        session::body(request)
    }

    async fn session(&self, id: &str) -> Result<Session, BankError> {
        let session: SessionJson = self.get(&format!("checkout/sessions/{id}")).await?;
        session.try_into()
    }

    async fn expire_session(&self, id: &str) -> Result<Session, BankError> {
        let session: SessionJson = self.post(&format!("checkout/sessions/{id}/expire"), None, String::new()).await?;
        session.try_into()
    }

    fn intent_body(&self, request: &IntentRequest<'_>) -> String {
        intent::body(request)
    }

    async fn create_intent(&self, key: &str, body: &str) -> Result<String, BankError> {
        let intent: IntentJson = self.post("payment_intents", Some(key), body.to_owned()).await?;
        Ok(intent.id)
    }

    async fn confirm(&self, key: &str, intent: &str, method: &str) -> Result<IntentState, BankError> {
        let path = format!("payment_intents/{intent}/confirm");
        match self.try_post::<IntentJson>(&path, Some(key), form(&[("payment_method", method)])).await? {
            Answer::Done(intent) => Ok(intent.state()),
            Answer::Declined(code) => Ok(IntentState::Declined { code }),
        }
    }

    async fn intent(&self, id: &str) -> Result<IntentState, BankError> {
        let intent: IntentJson = self.get(&format!("payment_intents/{id}")).await?;
        Ok(intent.state())
    }

    async fn capture(&self, key: &str, intent: &str) -> Result<IntentState, BankError> {
        let path = format!("payment_intents/{intent}/capture");
        let intent: IntentJson = self.post(&path, Some(key), String::new()).await?;
        Ok(intent.state())
    }

    async fn cancel(&self, key: &str, intent: &str) -> Result<IntentState, BankError> {
        let path = format!("payment_intents/{intent}/cancel");
        let intent: IntentJson = self.post(&path, Some(key), String::new()).await?;
        Ok(intent.state())
    }
}
