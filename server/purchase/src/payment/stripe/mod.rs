//! Stripe's HTTP API, by plain form-encoded requests: hosted Checkout, payments with manual capture, refunds, disputes.

mod client;
mod dispute;
mod intent;
mod list;
mod refund;
mod session;
mod statement;

use async_trait::async_trait;
use time::OffsetDateTime;

use self::client::{Answer, form};
use self::dispute::DisputeJson;
use self::intent::IntentJson;
use self::refund::RefundJson;
use self::session::SessionJson;
use self::statement::PaymentJson;
use super::{
    Bank, BankError, Dispute, IntentRequest, IntentState, Payment, Refund, RefundRequest, Session, SessionRequest,
};

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

    fn refund_body(&self, request: &RefundRequest<'_>) -> String {
        refund::body(request)
    }

    async fn refund(&self, key: &str, body: &str) -> Result<Refund, BankError> {
        let refund: RefundJson = self.post("refunds", Some(key), body.to_owned()).await?;
        Ok(refund.into())
    }

    async fn refunds_of(&self, intent: &str) -> Result<Vec<Refund>, BankError> {
        let refunds: Vec<RefundJson> = self.list("refunds", &[("payment_intent", intent)]).await?;
        Ok(refunds.into_iter().map(Refund::from).collect())
    }

    async fn payments_since(&self, since: OffsetDateTime) -> Result<Vec<Payment>, BankError> {
        let payments: Vec<PaymentJson> = self.list_since("payment_intents", since, &[statement::EXPAND]).await?;
        payments.into_iter().map(Payment::try_from).collect()
    }

    async fn dispute(&self, id: &str) -> Result<Dispute, BankError> {
        let dispute: DisputeJson = self.get(&format!("disputes/{id}")).await?;
        Ok(dispute.into())
    }

    async fn disputes_since(&self, since: OffsetDateTime) -> Result<Vec<Dispute>, BankError> {
        let disputes: Vec<DisputeJson> = self.list_since("disputes", since, &[]).await?;
        Ok(disputes.into_iter().map(Dispute::from).collect())
    }
}
