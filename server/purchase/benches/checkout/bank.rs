//! A bank that always agrees, after a while: what is measured is the shop.

use async_trait::async_trait;
use purchase::payment::{Bank, BankError, IntentRequest, IntentState, Session, SessionRequest};
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
        Err(BankError::Unclear("no pages here".to_owned()))
    }

    async fn session(&self, _: &str) -> Result<Session, BankError> {
        Err(BankError::Unclear("no pages here".to_owned()))
    }

    async fn expire_session(&self, _: &str) -> Result<Session, BankError> {
        Err(BankError::Unclear("no pages here".to_owned()))
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
}
