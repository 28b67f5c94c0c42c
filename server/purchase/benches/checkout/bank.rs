//! A bank that always agrees, after a while: what is measured is the shop.

use async_trait::async_trait;
use purchase::payment::{
    Bank, BankError, Dispute, IntentRequest, IntentState, Payment, Refund, RefundRequest, Session, SessionRequest,
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::BANK;

pub struct AgreeingBank;

impl AgreeingBank {
    pub async fn answer() {
        tokio::time::sleep(BANK).await;
    }
}

#[async_trait]
impl Bank for AgreeingBank {
    fn session_body(&self, _: &SessionRequest<'_>) -> String {
        String::new()
    }

    async fn open_session(&self, _: &str, _: &str) -> Result<Session, BankError> {
        Err(not_here())
    }

    async fn session(&self, _: &str) -> Result<Session, BankError> {
        Err(not_here())
    }

    async fn expire_session(&self, _: &str) -> Result<Session, BankError> {
        Err(not_here())
    }

    fn intent_body(&self, request: &IntentRequest<'_>) -> String {
        format!(
            "amount={}&metadata[attempt]={}&receipt_email={}",
            request.amount.minor(),
            request.attempt,
            request.email
        )
    }

    async fn create_intent(&self, _: &str, _: &str) -> Result<String, BankError> {
        Self::answer().await;
        Ok(format!("pi_{}", Uuid::new_v4().simple()))
    }

    async fn confirm(&self, _: &str, _: &str, _: &str) -> Result<IntentState, BankError> {
        Self::answer().await;
        Ok(IntentState::Authorised)
    }

    async fn intent(&self, _: &str) -> Result<IntentState, BankError> {
        Self::answer().await;
        Ok(IntentState::Authorised)
    }

    async fn capture(&self, _: &str, _: &str) -> Result<IntentState, BankError> {
        Self::answer().await;
        Ok(IntentState::Captured)
    }

    async fn cancel(&self, _: &str, _: &str) -> Result<IntentState, BankError> {
        Self::answer().await;
        Ok(IntentState::Canceled)
    }

    fn refund_body(&self, _: &RefundRequest<'_>) -> String {
        String::new()
    }

    async fn refund(&self, _: &str, _: &str) -> Result<Refund, BankError> {
        Err(not_here())
    }

    async fn refunds_of(&self, _: &str) -> Result<Vec<Refund>, BankError> {
        Err(not_here())
    }

    async fn payments_since(&self, _: OffsetDateTime) -> Result<Vec<Payment>, BankError> {
        Err(not_here())
    }

    async fn dispute(&self, _: &str) -> Result<Dispute, BankError> {
        Err(not_here())
    }

    async fn disputes_since(&self, _: OffsetDateTime) -> Result<Vec<Dispute>, BankError> {
        Err(not_here())
    }
}

fn not_here() -> BankError {
    BankError::Unclear("nothing here that buying needs".to_owned())
}
