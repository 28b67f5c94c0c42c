//! A sale whose money never came: the bank had set it aside, and then refused to pay it out for good. The shopper may pay
//! once more; where that comes to nothing, the sale is taken back.

use messages::{Message, PaymentFailed};
use sqlx::MySqlConnection;
use time::macros::format_description;
use time::{Duration, PrimitiveDateTime};
use uuid::Uuid;

use crate::Error;
use crate::order::cancel::{return_copies, return_redeemed};
use crate::order::{self, LockedOrder, OrderLink, OrderState, Step};
use crate::purchase::Purchase;
use crate::refund::{self, OwedState};
use crate::settle::attempt::{self, Attempt, AttemptState, AttemptStep};
use crate::settle::next::Times;

/// How long the shopper may pay anew: the bank keeps a page for 24 hours at most, and its clock need not be ours.
const TO_PAY: Duration = Duration::hours(23);
/// How long the bank's page for that may be opened: as long as a bank keeps its answer to a key at least.
const TO_OPEN: Duration = Duration::hours(20);

/// What becomes of money that the bank has set aside for an order that is sold already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anew {
    /// It makes up for a payment that failed: it is to be captured.
    Taken,
    /// The shopper does not want the order any more: the money is to be given up.
    NotWanted,
    /// This is the money that the order was sold for, or the order has ended.
    NotAwaited,
}

/// Whether a sold order waits for another payment.
pub(crate) async fn is_awaited(connection: &mut MySqlConnection, order: Uuid) -> Result<bool, Error> {
    let awaited = sqlx::query_scalar!(
        r#"
        select exists (select 1 from payment_attempt where order_id = ? and state in ('creating', 'open'))
            as "awaited!: bool"
        "#,
        order
    )
    .fetch_one(connection)
    .await?;
    Ok(awaited)
}

impl Purchase {
    /// The bank has refused an authorised payment for good, and has closed it.
    pub(crate) async fn capture_failed(&self, attempt: &Attempt) -> Result<(), Error> {
        let failed = self
            .database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = self.ask_anew(&mut tx, attempt).await;
                tx.end_at("purchase::capture_failed", result).await
            })
            .await?;
        if failed {
            tracing::error!(order = %attempt.order_id, attempt = %attempt.id, "sold, but the money never came");
            self.wake_worker();
            self.wake_relay();
        }
        Ok(())
    }

    /// In the order of locks: the order with its attempts, what it redeems, the outbox, stock. Returns whether this did it.
    async fn ask_anew(&self, tx: &mut MySqlConnection, attempt: &Attempt) -> Result<bool, Error> {
        let order = order::lock(tx, attempt.order_id).await?;
        let failed = AttemptStep::new(attempt.id, AttemptState::Authorised, AttemptState::CaptureFailed);
        // Of an order that was cancelled after the sale, whoever gives the money back finds that there is none.
        if order.state != OrderState::Paid || attempt::step(tx, &[failed]).await? == 0 {
            return Ok(false);
        }
        call_refunds_off(tx, attempt.id).await?;
        let row = sqlx::query!(
            r#"
            select count(*) as "failures!: i64", utc_timestamp(6) as "now!: PrimitiveDateTime"
            from payment_attempt where order_id = ? and state = 'capture_failed'
            "#,
            order.id
        )
        .fetch_one(&mut *tx)
        .await?;
        if row.failures > 1 {
            reverse(tx, &self.settings().public_url, &order, attempt.id).await?;
            return Ok(true);
        }
        let pay_until = row.now + TO_PAY;
        let times = Times { create_until: row.now + TO_OPEN, expires_at: pay_until, begins_in: 0 };
        self.insert_next(tx, attempt.id, None, times).await?;
        tell(tx, &self.settings().public_url, attempt.id, Some(pay_until)).await?;
        Ok(true)
    }

    /// Takes the money of `intent` for an order whose first payment failed. The order is sold and confirmed already.
    pub(crate) async fn take_anew(&self, attempt: &Attempt, intent: &str) -> Result<Anew, Error> {
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = take_anew(&mut tx, attempt, intent).await;
                tx.end_at("purchase::anew", result).await
            })
            .await
    }
}

async fn take_anew(tx: &mut MySqlConnection, attempt: &Attempt, intent: &str) -> Result<Anew, Error> {
    let order = order::lock(tx, attempt.order_id).await?;
    if order.state != OrderState::Paid {
        return Ok(Anew::NotAwaited);
    }
    if order.cancel_wished {
        return Ok(Anew::NotWanted);
    }
    let taken = AttemptStep {
        intent: Some(intent.to_owned()),
        ..AttemptStep::new(attempt.id, AttemptState::Open, AttemptState::Authorised)
    };
    Ok(if attempt::step(tx, &[taken]).await? == 1 { Anew::Taken } else { Anew::NotAwaited })
}

/// Takes a locked order's sale back, whose last attempt is closed: what it redeemed and its copies
/// are taken back, and the shopper is told.
pub(crate) async fn reverse(
    tx: &mut MySqlConnection,
    public_url: &str,
    order: &LockedOrder,
    attempt: Uuid,
) -> Result<(), Error> {
    let has_money = sqlx::query_scalar!(
        r#"
        select exists (select 1 from payment_attempt where order_id = ? and state in ('authorised', 'captured'))
            as "has_money!: bool"
        "#,
        order.id
    )
    .fetch_one(&mut *tx)
    .await?;
    if has_money {
        return Err(Error::Defect("a paid sale was to be taken back"));
    }
    order::step(tx, &[Step::next(order, OrderState::Reversed)?], "worker").await?;
    return_redeemed(tx, order, "worker").await?;
    tell(tx, public_url, attempt, None).await?;
    return_copies(tx, order, "worker").await
}

/// What staff wanted to give back of money that never came.
async fn call_refunds_off(tx: &mut MySqlConnection, attempt: Uuid) -> Result<(), Error> {
    let owed = sqlx::query_scalar!(
        r#"select id as "id: Uuid" from refund where attempt_id = ? and state in ('owed', 'pending')"#,
        attempt
    )
    .fetch_all(&mut *tx)
    .await?;
    for id in owed {
        refund::end(tx, id, attempt, OwedState::Failed, None).await?;
    }
    Ok(())
}

/// Owes the shopper a letter: this attempt's money never came, and can be paid anew until then, or not any more.
async fn tell(
    tx: &mut MySqlConnection,
    public_url: &str,
    attempt: Uuid,
    pay_until: Option<PrimitiveDateTime>,
) -> Result<(), Error> {
    let order = sqlx::query!(
        r#"
        select orders.number, orders.link as "link: Uuid", orders.email, orders.name, payment_attempt.amount,
               payment_attempt.currency
        from payment_attempt join orders on orders.id = payment_attempt.order_id where payment_attempt.id = ?
        "#,
        attempt
    )
    .fetch_one(&mut *tx)
    .await?;
    let words = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    let letter = PaymentFailed {
        order_number: order.number,
        order_url: format!("{public_url}/order/{}", OrderLink(order.link)),
        email: order.email,
        name: order.name,
        amount: order.amount,
        currency: order.currency,
        pay_until: pay_until.and_then(|moment| moment.format(words).ok()),
    };
    outbox::insert(tx, &[(attempt, Message::PaymentFailed(letter))]).await?;
    Ok(())
}
