//! Money that goes back: owed in the transaction that decides it, given back by the worker. Where the bank has only set
//! the money aside, the payment is cancelled instead; either way nobody gets back more than was paid, nor twice.

pub(crate) mod bank_news;
pub(crate) mod by_staff;

use messages::{Message, PaymentReturned, ReturnReason};
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::money::{Currency, Money};
use crate::order::{self, LockedOrder};
use crate::payment::{Bank, BankError, IntentState, Refund, RefundReason, RefundRequest, RefundState};
use crate::purchase::Purchase;
use crate::settle::PaymentEnd;
use crate::settle::attempt::{self, AttemptState, AttemptStep};

/// How long whoever gives money back has for it, in seconds.
const LEASE: u32 = 45;
/// How long until one is looked at again whose money was not taken yet, in seconds.
const LATER: u32 = 60;
/// How long until a refund that the bank is working on is asked about again, in seconds; a webhook makes it sooner.
const NEXT_LOOK: u32 = 600;

/// How far a refund has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub(crate) enum OwedState {
    /// The bank may not know of it yet.
    Owed,
    /// The bank is working on it.
    Pending,
    /// Given back.
    Done,
    /// It could not be given back: a matter for people.
    Failed,
}

impl OwedState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Owed => "owed",
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A refund as the worker needs it.
struct Due {
    id: Uuid,
    order_id: Uuid,
    attempt_id: Uuid,
    amount: i64,
    state: OwedState,
    /// The order was called off, so that money which was only set aside is given up instead.
    is_cancelled: bool,
    reason: ReturnReason,
    body: String,
    intent: String,
    tries: u32,
    lease: Uuid,
}

/// What became of the money.
enum GivenBack {
    /// The bank has given up what it had set aside.
    Voided,
    /// As the bank says of its refund.
    Refunded(Refund),
    /// Not now.
    Later,
}

/// Owes `amount` of what a locked order has been paid, or all that is left of it, under a new `id`; `None` when nothing,
/// or less than that, is left.
pub(crate) async fn owe(
    connection: &mut MySqlConnection,
    bank: &dyn Bank,
    order: &LockedOrder,
    id: Uuid,
    amount: Option<i64>,
    by: &str,
) -> Result<Option<Money>, Error> {
    let paid = sqlx::query!(
        r#"
        select id as "id: Uuid", amount, refunded, currency, intent_id from payment_attempt
        where order_id = ? and state in ('authorised', 'captured') for update
        "#,
        order.id
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(paid) = paid else { return Ok(None) };
    let left = paid.amount - paid.refunded;
    let amount = amount.unwrap_or(left);
    if amount < 1 || amount > left {
        return Ok(None);
    }
    let intent = paid.intent_id.ok_or(Error::Defect("a paid attempt without a payment"))?;
    let currency = Currency::parse(&paid.currency).ok_or(Error::Defect("an attempt has an unknown currency"))?;
    let money = Money::new(amount, currency);
    let reason = Some(RefundReason::RequestedByCustomer);
    let body = bank.refund_body(&RefundRequest { refund: id, intent: &intent, amount: money, reason });
    book(connection, paid.id, paid.refunded, amount).await?;
    sqlx::query!(
        "insert into refund (id, order_id, attempt_id, amount, by_whom, body) values (?, ?, ?, ?, ?, ?)",
        id,
        order.id,
        paid.id,
        amount,
        by,
        body
    )
    .execute(connection)
    .await?;
    Ok(Some(money))
}

/// Adds to what has gone back of a locked attempt; the table's own check keeps it within what was paid.
pub(crate) async fn book(
    connection: &mut MySqlConnection,
    attempt: Uuid,
    before: i64,
    amount: i64,
) -> Result<(), Error> {
    let booked = sqlx::query!(
        "update payment_attempt set refunded = refunded + ? where id = ? and refunded = ?",
        amount,
        attempt,
        before
    )
    .execute(connection)
    .await?;
    if booked.rows_affected() == 1 { Ok(()) } else { Err(Error::Defect("an attempt changed under its lock")) }
}

impl Purchase {
    /// The refunds that are due to be worked on.
    pub(crate) async fn due_refunds(&self, most: u32) -> Result<Vec<Uuid>, Error> {
        let due = sqlx::query!(
            r#"
            select id as "id: Uuid" from refund
            where state in ('owed', 'pending') and due_at <= utc_timestamp(6) order by due_at limit ?
            "#,
            most
        )
        .fetch_all(self.database().pool())
        .await?;
        Ok(due.into_iter().map(|row| row.id).collect())
    }

    /// Takes a due refund one step further. Returns without one where another process has it.
    ///
    /// # Errors
    /// When the database or the bank fails; the refund is due again later.
    pub(crate) async fn give_money_back(&self, refund: Uuid) -> Result<(), Error> {
        let Some(due) = self.claim_refund(refund).await? else { return Ok(()) };
        let result = match self.ask_for(&due).await {
            Ok(GivenBack::Voided) => self.refunded(&due, true, None).await,
            Ok(GivenBack::Refunded(found)) => match found.state {
                RefundState::Succeeded => self.refunded(&due, false, Some(&found.id)).await,
                RefundState::Pending => self.pending(&due, &found.id).await,
                RefundState::Failed | RefundState::Canceled => self.refund_failed(&due, Some(&found.id)).await,
            },
            Ok(GivenBack::Later) => self.put_refund_off(&due, LATER).await,
            Err(Error::Bank(BankError::Refused { code })) => {
                tracing::error!(refund = %due.id, order = %due.order_id, code, "the bank refuses to give money back");
                self.refund_failed(&due, None).await
            }
            Err(error) => Err(error),
        };
        if result.is_err() {
            let wait = 1_u32.checked_shl(due.tries.saturating_add(1)).unwrap_or(600).min(600);
            self.put_refund_off(&due, wait).await?;
        }
        result
    }

    async fn ask_for(&self, due: &Due) -> Result<GivenBack, Error> {
        match self.bank().intent(&due.intent).await? {
            // The money of a sale that stands is taken first, or found not to come.
            IntentState::Authorised | IntentState::Canceled if !due.is_cancelled => Ok(GivenBack::Later),
            IntentState::Authorised => {
                match self
                    .end_payment((due.id, due.tries), PaymentEnd::Cancel, &due.intent, IntentState::Authorised)
                    .await?
                {
                    IntentState::Canceled => Ok(GivenBack::Voided),
                    // Captured meanwhile: it is refunded at the next look.
                    _ => Err(BankError::Unclear("the payment was captured meanwhile".to_owned()).into()),
                }
            }
            IntentState::Canceled => Ok(GivenBack::Voided),
            IntentState::Captured => {
                // Whatever was asked for before is found by our own id, so that it is never asked for twice.
                if due.state == OwedState::Pending || due.tries > 0 {
                    let found = self.bank().refunds_of(&due.intent).await?;
                    if let Some(found) = found.into_iter().find(|found| found.ours == Some(due.id)) {
                        return Ok(GivenBack::Refunded(found));
                    }
                }
                Ok(GivenBack::Refunded(self.refund_at_bank((due.id, due.tries), &due.body).await?))
            }
            _ => Ok(GivenBack::Later),
        }
    }

    /// Asks the bank for a refund for `owner`, who has failed at it `tries` times and has looked since then for what was done.
    /// Where the bank keeps a failure of its own for the key, each further try has a key of its own.
    pub(crate) async fn refund_at_bank(&self, (owner, tries): (Uuid, u32), body: &str) -> Result<Refund, BankError> {
        match self.bank().refund(&attempt::bank_key(owner, "refund"), body).await {
            Err(BankError::KeySpent) if tries > 0 => {
                self.bank().refund(&attempt::bank_key(owner, &format!("refund-{tries}")), body).await
            }
            refund => refund,
        }
    }

    async fn claim_refund(&self, refund: Uuid) -> Result<Option<Due>, Error> {
        let lease = Uuid::new_v4();
        let claimed = sqlx::query!(
            r#"
            update refund set due_at = utc_timestamp(6) + interval ? second, leased_by = ?, tries = tries + 1
            where id = ? and state in ('owed', 'pending') and due_at <= utc_timestamp(6)
            "#,
            LEASE,
            lease,
            refund
        )
        .execute(self.database().pool())
        .await?;
        if claimed.rows_affected() == 0 {
            return Ok(None);
        }
        let due = sqlx::query!(
            r#"
            select refund.order_id as "order_id: Uuid", refund.attempt_id as "attempt_id: Uuid", refund.amount,
                   refund.state as "state: OwedState", refund.body, refund.tries, payment_attempt.intent_id,
                   refund.by_whom = 'staff' as "by_staff!: bool", orders.state = 'refunded' as "is_cancelled!: bool"
            from refund join payment_attempt on payment_attempt.id = refund.attempt_id
                 join orders on orders.id = refund.order_id
            where refund.id = ?
            "#,
            refund
        )
        .fetch_one(self.database().pool())
        .await?;
        Ok(Some(Due {
            id: refund,
            order_id: due.order_id,
            attempt_id: due.attempt_id,
            amount: due.amount,
            state: due.state,
            is_cancelled: due.is_cancelled,
            reason: if due.by_staff { ReturnReason::ByShop } else { ReturnReason::Cancelled },
            // One that was made at the bank has no body of ours; it is pending, and only read.
            body: due.body.unwrap_or_default(),
            intent: due.intent_id.ok_or(Error::Defect("a refund of an attempt without a payment"))?,
            tries: due.tries.saturating_sub(1),
            lease,
        }))
    }

    /// Given back: written down, and the shopper is told, once.
    async fn refunded(&self, due: &Due, voided: bool, bank_id: Option<&str>) -> Result<(), Error> {
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = refunded(&mut tx, due, voided, bank_id).await;
                tx.end_at("purchase::refund", result).await
            })
            .await?;
        self.wake_relay();
        tracing::info!(order = %due.order_id, refund = %due.id, voided, "purchase.refunded");
        Ok(())
    }

    async fn refund_failed(&self, due: &Due, bank_id: Option<&str>) -> Result<(), Error> {
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = async {
                    order::lock(&mut tx, due.order_id).await?;
                    end(&mut tx, due.id, due.attempt_id, OwedState::Failed, bank_id).await
                }
                .await;
                tx.end(result).await
            })
            .await?;
        tracing::error!(order = %due.order_id, refund = %due.id, "money could not be given back");
        Ok(())
    }

    async fn pending(&self, due: &Due, bank_id: &str) -> Result<(), Error> {
        sqlx::query!(
            r#"
            update refund set state = 'pending', bank_id = ?, leased_by = null,
                   due_at = utc_timestamp(6) + interval ? second
            where id = ? and state in ('owed', 'pending')
            "#,
            bank_id,
            NEXT_LOOK,
            due.id
        )
        .execute(self.database().pool())
        .await?;
        Ok(())
    }

    async fn put_refund_off(&self, due: &Due, seconds: u32) -> Result<(), Error> {
        sqlx::query!(
            "update refund set due_at = utc_timestamp(6) + interval ? second, leased_by = null where id = ? and leased_by = ?",
            seconds,
            due.id,
            due.lease
        )
        .execute(self.database().pool())
        .await?;
        Ok(())
    }
}

async fn refunded(tx: &mut MySqlConnection, due: &Due, voided: bool, bank_id: Option<&str>) -> Result<(), Error> {
    order::lock(tx, due.order_id).await?;
    if !end(tx, due.id, due.attempt_id, OwedState::Done, bank_id).await? {
        return Ok(());
    }
    if voided {
        let step = AttemptStep::new(due.attempt_id, AttemptState::Authorised, AttemptState::Voided);
        attempt::step(tx, &[step]).await?;
    }
    tell(tx, due.order_id, due.id, due.amount, due.reason).await
}

/// Owes the shopper a letter: `amount` of the order's currency has gone back, once for each `subject`.
pub(crate) async fn tell(
    tx: &mut MySqlConnection,
    order: Uuid,
    subject: Uuid,
    amount: i64,
    reason: ReturnReason,
) -> Result<(), Error> {
    let order = sqlx::query!("select number, email, name, currency from orders where id = ?", order)
        .fetch_one(&mut *tx)
        .await?;
    let letter = PaymentReturned {
        order_number: order.number,
        email: order.email,
        name: order.name,
        amount,
        currency: order.currency,
        reason,
    };
    outbox::insert(tx, &[(subject, Message::PaymentReturned(letter))]).await?;
    Ok(())
}

/// Ends a refund under its order's lock; returns whether this did it. What fails is not given back after all.
pub(crate) async fn end(
    tx: &mut MySqlConnection,
    refund: Uuid,
    attempt: Uuid,
    to: OwedState,
    bank_id: Option<&str>,
) -> Result<bool, Error> {
    let row = sqlx::query!(r#"select state as "state: OwedState", amount from refund where id = ? for update"#, refund)
        .fetch_one(&mut *tx)
        .await?;
    let ends = match to {
        OwedState::Done => matches!(row.state, OwedState::Owed | OwedState::Pending),
        // The bank may find days later that it cannot be done.
        OwedState::Failed => row.state != OwedState::Failed,
        OwedState::Owed | OwedState::Pending => false,
    };
    if !ends {
        return Ok(false);
    }
    sqlx::query!(
        "update refund set state = ?, bank_id = coalesce(?, bank_id), leased_by = null, done_at = utc_timestamp(6) where id = ?",
        to.as_str(),
        bank_id,
        refund
    )
    .execute(&mut *tx)
    .await?;
    if to == OwedState::Failed {
        sqlx::query!("update payment_attempt set refunded = refunded - ? where id = ?", row.amount, attempt)
            .execute(tx)
            .await?;
    }
    Ok(true)
}
