//! What the bank says of an attempt, brought into our books. The webhook and the clock only say *when* to ask;
//! what counts is the bank's answer to a read, so late, doubled and reordered messages change nothing.

pub(crate) mod anew;
pub(crate) mod attempt;
mod confirmation;
mod hold_anew;
mod next;
pub(crate) mod opening;
pub(crate) mod sale;
pub(crate) mod steps;
mod unpaid;

use crate::Error;
use crate::money::{Currency, Money};
use crate::order::OrderState;
use crate::payment::{BankError, IntentState, RefundRequest, RefundState, SessionState};
use crate::purchase::Purchase;
use crate::settle::anew::Anew;
use crate::settle::attempt::{Attempt, AttemptState, AttemptStep, bank_key};
use crate::settle::sale::Sale;
use crate::settle::unpaid::End;

/// How long until an open attempt is asked about again, in seconds; a webhook makes it sooner.
const NEXT_LOOK: u32 = 15;

/// How an attempt stands after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It waits: for the shopper, the bank or a better moment.
    Waiting,
    /// The order is sold.
    Sold,
    /// The order has ended unpaid, or will be found so.
    Unpaid,
}

/// How a payment ends at the bank, once.
#[derive(Clone, Copy)]
pub(crate) enum PaymentEnd {
    Capture,
    Cancel,
}

impl PaymentEnd {
    /// What its keys are for.
    fn operation(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Cancel => "cancel",
        }
    }
}

impl Purchase {
    /// Takes a due attempt as far as it goes now. Returns without a step where another process has it.
    ///
    /// # Errors
    /// When the database or the bank fails; the attempt is due again later.
    pub(crate) async fn settle(&self, attempt: uuid::Uuid) -> Result<(), Error> {
        let Some(attempt) = self.claim_attempt(attempt).await? else { return Ok(()) };
        self.advance(&attempt).await.map(|_| ())
    }

    /// Takes a leased attempt as far as it goes now.
    ///
    /// # Errors
    /// When the database or the bank fails; the attempt is due again later.
    pub(crate) async fn advance(&self, attempt: &Attempt) -> Result<Settled, Error> {
        let result = match (attempt.state, &attempt.method) {
            (AttemptState::Creating, None) => self.open_page(attempt).await,
            (AttemptState::Creating, Some(method)) => self.open_intent(attempt, method).await,
            (AttemptState::Open, None) => self.settle_page(attempt).await,
            (AttemptState::Open, Some(method)) => self.settle_intent(attempt, method).await,
            (AttemptState::Authorised, _) => self.settle_authorised(attempt).await,
            (AttemptState::Captured | AttemptState::Voided | AttemptState::CaptureFailed, _) => Ok(Settled::Sold),
            (AttemptState::Closed, _) => Ok(Settled::Unpaid),
        };
        if result.is_err() {
            self.back_off(attempt).await?;
        }
        result
    }

    /// Nothing of the bank's is stored, so nobody can have paid: whether there is still time and will to go on.
    async fn may_open(&self, attempt: &Attempt) -> Result<bool, Error> {
        if attempt.is_new {
            return Ok(true);
        }
        let end = match self.cancel_wished(attempt.order_id).await? {
            true => OrderState::Cancelled,
            false if !attempt.may_create => OrderState::Expired,
            false => return Ok(true),
        };
        self.end_unpaid(attempt, End::of(end)).await?;
        Ok(false)
    }

    async fn open_page(&self, attempt: &Attempt) -> Result<Settled, Error> {
        if !self.may_open(attempt).await? {
            return Ok(Settled::Unpaid);
        }
        failpoint::at("purchase::page", "before_call");
        let opened = self.bank().open_session(&bank_key(attempt.id, "open"), &attempt.body).await;
        failpoint::at("purchase::page", "after_call");
        match opened {
            Ok(session) => {
                let opened = AttemptStep {
                    session: Some(session),
                    next_look: NEXT_LOOK,
                    ..AttemptStep::new(attempt.id, AttemptState::Creating, AttemptState::Open)
                };
                self.tills().steps.ask(opened).await?;
                failpoint::at("purchase::page", "after_store");
                Ok(Settled::Waiting)
            }
            Err(error) => self.not_opened(attempt, error).await,
        }
    }

    /// Creating moves no money; only what is stored is confirmed, so every doubt can be settled by reading it.
    async fn open_intent(&self, attempt: &Attempt, method: &str) -> Result<Settled, Error> {
        if !self.may_open(attempt).await? {
            return Ok(Settled::Unpaid);
        }
        failpoint::at("purchase::intent", "before_call");
        let created = self.bank().create_intent(&bank_key(attempt.id, "create"), &attempt.body).await;
        failpoint::at("purchase::intent", "after_call");
        let intent = match created {
            Ok(intent) => intent,
            Err(error) => return self.not_opened(attempt, error).await,
        };
        let opened = AttemptStep {
            intent: Some(intent.clone()),
            ..AttemptStep::new(attempt.id, AttemptState::Creating, AttemptState::Open)
        };
        if !self.tills().steps.ask(opened).await? {
            return Ok(Settled::Waiting);
        }
        failpoint::at("purchase::intent", "after_store");
        let attempt = &Attempt { state: AttemptState::Open, intent_id: Some(intent.clone()), ..attempt.clone() };
        self.confirm(attempt, &intent, method).await
    }

    async fn not_opened(&self, attempt: &Attempt, error: BankError) -> Result<Settled, Error> {
        match error {
            BankError::Unclear(_) => Err(error.into()),
            BankError::KeySpent => {
                self.try_another_key(attempt).await?;
                Err(error.into())
            }
            BankError::Refused { code } => {
                tracing::error!(attempt = %attempt.id, code, "the bank refuses to open a payment");
                self.unpaid(attempt, End { decline_code: Some(&code), ..End::of(OrderState::Declined) }).await
            }
        }
    }

    async fn settle_page(&self, attempt: &Attempt) -> Result<Settled, Error> {
        match self.ask_about(attempt).await {
            Err(Error::Bank(error)) if attempt.is_lost => self.in_doubt(attempt, &error).await,
            settled => settled,
        }
    }

    /// The bank has been silent for a day.
    async fn in_doubt(&self, attempt: &Attempt, error: &BankError) -> Result<Settled, Error> {
        let released = self.release_in_doubt(attempt).await?;
        tracing::error!(attempt = %attempt.id, error = error as &dyn std::error::Error, released, "the bank has been silent for a day");
        self.look_again(attempt, 3600).await?;
        Ok(Settled::Waiting)
    }

    async fn ask_about(&self, attempt: &Attempt) -> Result<Settled, Error> {
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
            SessionState::Open => self.wait(attempt).await,
            SessionState::Expired if cancel_wished => self.unpaid(attempt, End::of(OrderState::Cancelled)).await,
            SessionState::Expired => self.unpaid(attempt, End::of(OrderState::Expired)).await,
            SessionState::Complete { intent } => {
                let state = self.bank().intent(&intent).await?;
                self.paid(attempt, &intent, state).await
            }
        }
    }

    /// An API client's payment: it was stored, so it may have been confirmed.
    async fn settle_intent(&self, attempt: &Attempt, method: &str) -> Result<Settled, Error> {
        let intent = attempt.intent_id.as_deref().ok_or(Error::Defect("an open attempt without a payment"))?;
        let state = match self.bank().intent(intent).await {
            Err(error) if attempt.is_lost => return self.in_doubt(attempt, &error).await,
            state => state?,
        };
        match state {
            IntentState::Unconfirmed | IntentState::ActionNeeded | IntentState::Pending => {
                if self.cancel_wished(attempt.order_id).await? {
                    self.give_back(attempt, intent, state, End::of(OrderState::Cancelled)).await
                } else if attempt.is_over {
                    self.give_back(attempt, intent, state, End::of(OrderState::Expired)).await
                } else if state == IntentState::Unconfirmed {
                    self.confirm(attempt, intent, method).await
                } else {
                    self.paid(attempt, intent, state).await
                }
            }
            state => self.paid(attempt, intent, state).await,
        }
    }

    async fn confirm(&self, attempt: &Attempt, intent: &str, method: &str) -> Result<Settled, Error> {
        failpoint::at("purchase::confirm", "before_call");
        let confirmed = self.bank().confirm(&bank_key(attempt.id, "confirm"), intent, method).await;
        failpoint::at("purchase::confirm", "after_call");
        let state = self.or_read(intent, &IntentState::Unconfirmed, confirmed).await?;
        self.paid(attempt, intent, state).await
    }

    /// What a payment has come to: sold, ended, or waited for.
    async fn paid(&self, attempt: &Attempt, intent: &str, state: IntentState) -> Result<Settled, Error> {
        match state {
            // On the bank's page the shopper may try another card until it closes.
            IntentState::Declined { .. } | IntentState::ActionNeeded if attempt.method.is_none() => {
                self.wait(attempt).await
            }
            IntentState::Declined { ref code } => {
                let code = code.clone();
                let end = End { decline_code: Some(&code), ..End::of(OrderState::Declined) };
                self.give_back(attempt, intent, state, end).await
            }
            // An API client has nobody whom the bank could ask.
            IntentState::ActionNeeded => {
                let end = End { decline_code: Some("authentication_required"), ..End::of(OrderState::Declined) };
                self.give_back(attempt, intent, state, end).await
            }
            IntentState::Unconfirmed | IntentState::Pending => self.wait(attempt).await,
            IntentState::Canceled => self.closed(attempt).await,
            IntentState::Authorised | IntentState::Captured => match self.sell_or_hold_anew(attempt, intent).await? {
                Sale::Sold => {
                    self.wake_relay();
                    self.capture_soon(attempt, intent);
                    Ok(Settled::Sold)
                }
                Sale::AlreadyDone => match self.take_anew(attempt, intent).await? {
                    Anew::Taken => {
                        self.capture_soon(attempt, intent);
                        Ok(Settled::Sold)
                    }
                    Anew::NotAwaited => Ok(Settled::Sold),
                    Anew::NotWanted => self.give_back(attempt, intent, state, End::of(OrderState::Cancelled)).await,
                },
                Sale::InDoubt => self.give_back(attempt, intent, state, End::too_late(OrderState::Expired)).await,
                Sale::NotWanted(end @ OrderState::Cancelled) => {
                    self.give_back(attempt, intent, state, End::of(end)).await
                }
                Sale::NotWanted(end) => self.give_back(attempt, intent, state, End::too_late(end)).await,
            },
        }
    }

    async fn wait(&self, attempt: &Attempt) -> Result<Settled, Error> {
        self.look_again(attempt, NEXT_LOOK).await?;
        Ok(Settled::Waiting)
    }

    async fn unpaid(&self, attempt: &Attempt, end: End<'_>) -> Result<Settled, Error> {
        self.end_unpaid(attempt, end).await?;
        Ok(Settled::Unpaid)
    }

    /// The bank has closed the payment, and whoever asked for that did not come to write it down.
    async fn closed(&self, attempt: &Attempt) -> Result<Settled, Error> {
        let intended = self.intended(attempt).await?;
        self.unpaid(attempt, intended.end()).await
    }

    /// There is nothing to sell for this payment: it is closed at the bank first, then in our books.
    async fn give_back(
        &self,
        attempt: &Attempt,
        intent: &str,
        before: IntentState,
        end: End<'_>,
    ) -> Result<Settled, Error> {
        self.intend(attempt, &end).await?;
        if before == IntentState::Captured {
            self.refund_unwanted(attempt, intent).await?;
            return self.unpaid(attempt, end).await;
        }
        failpoint::at("purchase::cancel", "before_call");
        let cancelled = self.end_payment((attempt.id, attempt.tries), PaymentEnd::Cancel, intent, before).await;
        failpoint::at("purchase::cancel", "after_call");
        match cancelled? {
            IntentState::Canceled => self.unpaid(attempt, end).await,
            _ => self.wait(attempt).await,
        }
    }

    /// Somebody has taken money at the bank, by hand, that nobody wants here: what is left of it goes back.
    async fn refund_unwanted(&self, attempt: &Attempt, intent: &str) -> Result<(), Error> {
        let taken = sqlx::query!("select amount, currency from payment_attempt where id = ?", attempt.id)
            .fetch_one(self.database().pool())
            .await?;
        let currency = Currency::parse(&taken.currency).ok_or(Error::Defect("an attempt has an unknown currency"))?;
        let given = self.bank().refunds_of(intent).await?;
        let given = given.iter().filter(|refund| !matches!(refund.state, RefundState::Failed | RefundState::Canceled));
        let left = taken.amount - given.map(|refund| refund.amount).sum::<i64>();
        if left > 0 {
            tracing::warn!(attempt = %attempt.id, left, "money that nobody wants was captured at the bank: it goes back");
            let amount = Money::new(left, currency);
            let request = RefundRequest { refund: attempt.id, intent, amount, reason: None };
            self.refund_at_bank((attempt.id, attempt.tries), &self.bank().refund_body(&request)).await?;
        }
        Ok(())
    }

    /// Ends a payment at the bank, for `owner`, who has failed at it `tries` times. Where the bank keeps a failure of its
    /// own for the key and a read says that nothing was done, each further try has a key of its own: a payment ends once,
    /// whatever the keys.
    pub(crate) async fn end_payment(
        &self,
        (owner, tries): (uuid::Uuid, u32),
        end: PaymentEnd,
        intent: &str,
        before: IntentState,
    ) -> Result<IntentState, Error> {
        let operation = end.operation();
        match self.under_key(&bank_key(owner, operation), end, intent, &before).await {
            Err(Error::Bank(BankError::KeySpent)) if tries > 0 => {
                self.under_key(&bank_key(owner, &format!("{operation}-{tries}")), end, intent, &before).await
            }
            state => state,
        }
    }

    async fn under_key(
        &self,
        key: &str,
        end: PaymentEnd,
        intent: &str,
        before: &IntentState,
    ) -> Result<IntentState, Error> {
        let answer = match end {
            PaymentEnd::Capture => self.bank().capture(key, intent).await,
            PaymentEnd::Cancel => self.bank().cancel(key, intent).await,
        };
        self.or_read(intent, before, answer).await
    }

    /// A call's answer; where it was lost or refused, what a read says, if that is news. An answer of the bank's is its
    /// key's for ever, a 500 too, so a payment that took effect may never be told by its own call again.
    async fn or_read(
        &self,
        intent: &str,
        before: &IntentState,
        answer: Result<IntentState, BankError>,
    ) -> Result<IntentState, Error> {
        let error = match answer {
            Ok(state) => return Ok(state),
            Err(error) => error,
        };
        match self.bank().intent(intent).await? {
            state if state == *before => Err(error.into()),
            state => Ok(state),
        }
    }

    async fn settle_authorised(&self, attempt: &Attempt) -> Result<Settled, Error> {
        let intent = attempt.intent_id.as_deref().ok_or(Error::Defect("an authorised attempt without an intent"))?;
        if self.is_refunded(attempt.order_id).await? {
            // Whoever gives the money back looks at this payment too.
            self.look_again(attempt, 60).await?;
        } else {
            self.capture(attempt, intent).await?;
        }
        Ok(Settled::Sold)
    }

    /// Sold: the money is taken while the shopper already reads so; the worker comes back for it where this dies.
    fn capture_soon(&self, attempt: &Attempt, intent: &str) {
        let (purchase, attempt, intent) = (self.clone(), attempt.sold(), intent.to_owned());
        self.tasks().spawn(async move {
            if let Err(error) = purchase.capture(&attempt, &intent).await {
                tracing::warn!(attempt = %attempt.id, error = &error as &dyn std::error::Error, "sold, but not captured yet");
                // Where this fails too, the lease ends by itself.
                let _later = purchase.back_off(&attempt).await;
            }
        });
    }

    async fn capture(&self, attempt: &Attempt, intent: &str) -> Result<(), Error> {
        failpoint::at("purchase::capture", "before_call");
        let captured =
            self.end_payment((attempt.id, attempt.tries), PaymentEnd::Capture, intent, IntentState::Authorised).await;
        failpoint::at("purchase::capture", "after_call");
        let state = match captured {
            // For good. Before another payment is asked for, this one is given up, so that it can take nothing any more.
            Err(Error::Bank(BankError::Refused { code })) => {
                tracing::warn!(attempt = %attempt.id, code, "sold, but the bank refuses to pay out");
                self.end_payment((attempt.id, attempt.tries), PaymentEnd::Cancel, intent, IntentState::Authorised)
                    .await?
            }
            state => state?,
        };
        match state {
            IntentState::Captured => {
                let captured = AttemptStep::new(attempt.id, AttemptState::Authorised, AttemptState::Captured);
                self.tills().steps.ask(captured).await?;
                Ok(())
            }
            IntentState::Canceled => self.capture_failed(attempt).await,
            _ => self.look_again(attempt, NEXT_LOOK).await,
        }
    }
}
