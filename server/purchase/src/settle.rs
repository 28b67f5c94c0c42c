//! What the bank says of an attempt, brought into our books. The webhook and the clock only say *when* to ask;
//! what counts is the bank's answer to a read, so late, doubled and reordered messages change nothing.

use crate::Error;
use crate::attempt::{self, Attempt, AttemptState, bank_key};
use crate::order::OrderState;
use crate::payment::{BankError, IntentState, SessionState};
use crate::purchase::Purchase;
use crate::sale::Sale;

/// How long until an open page is asked about again, in seconds; a webhook makes it sooner.
const NEXT_LOOK: u32 = 15;

impl Purchase {
    /// Takes one step with an attempt that is due. Returns without one where another process has it.
    ///
    /// # Errors
    /// When the database or the bank fails; the attempt stays due.
    pub(crate) async fn settle(&self, attempt: uuid::Uuid) -> Result<(), Error> {
        let Some(attempt) = self.claim_attempt(attempt).await? else { return Ok(()) };
        let result = match attempt.state {
            AttemptState::Creating => self.settle_creating(&attempt).await,
            AttemptState::Open => self.settle_open(&attempt).await,
            AttemptState::Authorised => self.settle_authorised(&attempt).await,
            AttemptState::Captured | AttemptState::Closed | AttemptState::CaptureFailed => Ok(()),
        };
        if result.is_err() {
            self.back_off(&attempt).await?;
        }
        result
    }

    /// The bank's page was never stored, so nobody can have paid on it.
    async fn settle_creating(&self, attempt: &Attempt) -> Result<(), Error> {
        if self.cancel_wished(attempt.order_id).await? {
            return self.end_unpaid(attempt, OrderState::Cancelled).await;
        }
        if !attempt.may_create {
            return self.end_unpaid(attempt, OrderState::Expired).await;
        }
        let key = bank_key(attempt.id, "open");
        match self.bank().open_session(&key, &attempt.body).await {
            Ok(session) => {
                self.store_session(attempt.id, &session).await?;
                Ok(())
            }
            Err(BankError::Refused { code }) => {
                tracing::error!(attempt = %attempt.id, code, "the bank refuses to open a page");
                self.end_unpaid(attempt, OrderState::Declined).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn settle_open(&self, attempt: &Attempt) -> Result<(), Error> {
        match self.ask_about(attempt).await {
            Err(Error::Bank(error)) if attempt.is_lost => {
                tracing::error!(attempt = %attempt.id, error = &error as &dyn std::error::Error, "the bank has been silent for a day: copies released, order in doubt");
                self.release_in_doubt(attempt).await?;
                self.look_again(attempt, 3600).await
            }
            settled => settled,
        }
    }

    async fn ask_about(&self, attempt: &Attempt) -> Result<(), Error> {
        let id = attempt.session_id.as_deref().ok_or(Error::Defect("an open attempt without a session"))?;
        let mut session = self.bank().session(id).await?;
        let cancel_wished = self.cancel_wished(attempt.order_id).await?;
        if session.state == SessionState::Open && (cancel_wished || attempt.is_over) {
            session = match self.bank().expire_session(id).await {
                // It ended in the meantime, one way or the other.
                Err(BankError::Refused { .. }) => self.bank().session(id).await?,
                closed => closed?,
            };
        }
        match session.state {
            SessionState::Open => self.look_again(attempt, NEXT_LOOK).await,
            SessionState::Expired if cancel_wished => self.end_unpaid(attempt, OrderState::Cancelled).await,
            SessionState::Expired => self.end_unpaid(attempt, OrderState::Expired).await,
            SessionState::Complete { intent } => self.settle_paid(attempt, &intent).await,
        }
    }

    /// The shopper has paid on the bank's page.
    async fn settle_paid(&self, attempt: &Attempt, intent: &str) -> Result<(), Error> {
        match self.bank().intent(intent).await? {
            IntentState::Pending
            | IntentState::Unconfirmed
            | IntentState::Declined { .. }
            | IntentState::ActionNeeded => self.look_again(attempt, NEXT_LOOK).await,
            IntentState::Canceled => self.end_unpaid(attempt, OrderState::Expired).await,
            IntentState::Authorised | IntentState::Captured => match self.sell(attempt, intent).await? {
                Sale::Sold => {
                    self.wake_relay();
                    // Captured at once where that works; the worker comes back for it where not.
                    self.capture(attempt, intent).await
                }
                Sale::AlreadyDone => Ok(()),
                Sale::NotWanted(end) => self.give_back(attempt, intent, end).await,
            },
        }
    }

    /// The money was set aside, but there is nothing to sell for it any more.
    async fn give_back(&self, attempt: &Attempt, intent: &str, end: OrderState) -> Result<(), Error> {
        let key = bank_key(attempt.id, "cancel");
        let cancelled = self.bank().cancel(&key, intent).await;
        match self.or_read(intent, IntentState::Authorised, cancelled).await? {
            IntentState::Canceled => self.end_unpaid(attempt, end).await,
            _ => self.look_again(attempt, NEXT_LOOK).await,
        }
    }

    /// A call's answer; where it was lost or refused, what a read says, if that is news. An answer of the bank's is its
    /// key's for ever, a 500 too, so a payment that took effect may never be told by its own call again.
    async fn or_read(
        &self,
        intent: &str,
        before: IntentState,
        answer: Result<IntentState, BankError>,
    ) -> Result<IntentState, Error> {
        let error = match answer {
            Ok(state) => return Ok(state),
            Err(error) => error,
        };
        match self.bank().intent(intent).await? {
            state if state == before => Err(error.into()),
            state => Ok(state),
        }
    }

    async fn settle_authorised(&self, attempt: &Attempt) -> Result<(), Error> {
        let intent = attempt.intent_id.as_deref().ok_or(Error::Defect("an authorised attempt without an intent"))?;
        self.capture(attempt, intent).await
    }

    /// Sold: takes the money.
    async fn capture(&self, attempt: &Attempt, intent: &str) -> Result<(), Error> {
        let key = bank_key(attempt.id, "capture");
        let captured = self.bank().capture(&key, intent).await;
        let state = self.or_read(intent, IntentState::Authorised, captured).await?;
        let end = match state {
            IntentState::Captured => AttemptState::Captured,
            IntentState::Canceled => {
                tracing::error!(attempt = %attempt.id, "sold, but the bank has cancelled the payment");
                AttemptState::CaptureFailed
            }
            _ => return self.look_again(attempt, NEXT_LOOK).await,
        };
        let mut connection = self.database().pool().acquire().await?;
        attempt::step(&mut connection, attempt.id, AttemptState::Authorised, end, None).await?;
        Ok(())
    }
}
