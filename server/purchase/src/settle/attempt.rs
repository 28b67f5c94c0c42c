//! Payment attempts: the one place that reads and writes their rows.

use std::collections::BTreeSet;

use serde::Serialize;
use sqlx::MySqlConnection;
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::Error;
use crate::list::{self, Hex};
use crate::money::Money;
use crate::payment::Session;
use crate::purchase::Purchase;

/// How long whoever looks after an attempt has for it, in seconds: longer than the bank may need for one step.
const LEASE: u32 = 45;
/// How soon a leased attempt is looked at again after the bank has sent word of it, in seconds.
const WORD_OF_IT: u32 = 2;

/// How far an attempt to pay has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type, Serialize)]
#[sqlx(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(crate) enum AttemptState {
    /// Our row is there; the bank's page or payment may or may not be.
    Creating,
    /// The shopper can pay at the bank, or the payment of an API client can be confirmed.
    Open,
    /// Paid and sold; the money is to be captured.
    Authorised,
    /// The money is ours.
    Captured,
    /// Ended without money.
    Closed,
    /// Sold, and given up again before the money was taken.
    Voided,
    /// Sold, but the bank refuses the money for good: another attempt is to make up for it.
    CaptureFailed,
}

impl AttemptState {
    /// The order was sold for this attempt's money.
    pub(crate) fn has_sold(self) -> bool {
        matches!(self, Self::Authorised | Self::Captured | Self::Voided | Self::CaptureFailed)
    }
}

/// An attempt as whoever looks after it needs it.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub id: Uuid,
    pub order_id: Uuid,
    pub state: AttemptState,
    /// What an API client pays with; else the shopper pays on the bank's page.
    pub method: Option<String>,
    pub body: String,
    pub session_id: Option<String>,
    pub intent_id: Option<String>,
    pub tries: u32,
    /// By which it is ours; another one means that we were too slow.
    pub lease: Uuid,
    /// The request that has made it has not let go of it yet.
    pub is_new: bool,
    /// The bank's page may still be opened: within the first minutes of the hold.
    pub may_create: bool,
    /// The bank's page should have closed by itself.
    pub is_over: bool,
    /// The bank has been silent beyond all patience.
    pub is_lost: bool,
}

impl Attempt {
    /// The same, once its order is sold.
    pub(crate) fn sold(&self) -> Self {
        Self { state: AttemptState::Authorised, ..self.clone() }
    }
}

/// A new attempt's fixed facts.
pub(crate) struct NewAttempt {
    pub id: Uuid,
    pub order: Uuid,
    pub amount: Money,
    pub method: Option<String>,
    pub body: String,
    /// Of the request that makes it.
    pub lease: Uuid,
    /// Until when the bank's page may be opened.
    pub create_until: PrimitiveDateTime,
    /// When the bank closes its page.
    pub expires_at: PrimitiveDateTime,
}

impl NewAttempt {
    /// With nothing to pay there is nothing to ask the bank for.
    fn state(&self) -> AttemptState {
        if self.amount.minor() == 0 { AttemptState::Captured } else { AttemptState::Creating }
    }

    /// The attempt, as the request that has made it goes on with it.
    pub(crate) fn begun(&self) -> Attempt {
        Attempt {
            id: self.id,
            order_id: self.order,
            state: self.state(),
            method: self.method.clone(),
            body: self.body.clone(),
            session_id: None,
            intent_id: None,
            tries: 0,
            lease: self.lease,
            is_new: true,
            may_create: true,
            is_over: false,
            is_lost: false,
        }
    }
}

#[derive(Serialize)]
struct NewRow<'a> {
    id: Hex<'a>,
    order: Hex<'a>,
    state: AttemptState,
    amount: i64,
    currency: &'static str,
    method: Option<&'a str>,
    body: &'a str,
    lease: Hex<'a>,
    create_until: String,
    expires_at: String,
}

/// Writes new attempts down, in the transaction that holds the copies, leased by the requests that make them.
pub(crate) async fn insert(connection: &mut MySqlConnection, new: &[&NewAttempt]) -> Result<(), Error> {
    let rows = new
        .iter()
        .map(|new| {
            Ok(NewRow {
                id: Hex(new.id.as_bytes()),
                order: Hex(new.order.as_bytes()),
                state: new.state(),
                amount: new.amount.minor(),
                currency: new.amount.currency().code(),
                method: new.method.as_deref(),
                body: &new.body,
                lease: Hex(new.lease.as_bytes()),
                create_until: list::moment(new.create_until)?,
                expires_at: list::moment(new.expires_at)?,
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    sqlx::query!(
        r#"
        insert into payment_attempt
            (id, order_id, number, state, amount, currency, method, body, leased_by, create_until, expires_at, settle_at)
        select unhex(list.id), unhex(list.order_id), 1, list.state, list.amount, list.currency, list.method, list.body,
               unhex(list.lease), list.create_until, list.expires_at, utc_timestamp(6) + interval ? second
        from json_table(?, '$[*]' columns (
                 id char(32) path '$.id', order_id char(32) path '$.order', state varchar(20) path '$.state',
                 amount bigint path '$.amount', currency char(3) path '$.currency', method varchar(120) path '$.method', body mediumtext path '$.body',
                 lease char(32) path '$.lease', create_until datetime(6) path '$.create_until',
                 expires_at datetime(6) path '$.expires_at')) as list
        "#,
        LEASE,
        list::of(&rows)?
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Word has come of unfinished attempts: they are due, at once or once whoever has them should be done. Does nothing for
/// those that have ended or are not ours.
pub(crate) async fn make_due(connection: &mut MySqlConnection, attempts: &BTreeSet<Uuid>) -> Result<(), Error> {
    if attempts.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (id char(32) path '$')) as list
               straight_join payment_attempt force index (primary) on payment_attempt.id = unhex(list.id)
        set payment_attempt.settle_at = least(payment_attempt.settle_at,
                utc_timestamp(6) + interval if(payment_attempt.leased_by is null, 0, ?) second)
        where payment_attempt.state in ('creating', 'open', 'authorised')
        "#,
        list::of_ids(attempts)?,
        WORD_OF_IT
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The key under which the bank does an operation of an attempt once.
pub(crate) fn bank_key(attempt: Uuid, operation: &str) -> String {
    if failpoint::defect("fresh_bank_key") {
        return Uuid::new_v4().to_string();
    }
    format!("{}-{operation}", attempt.simple())
}

/// An attempt's step from one state to another, with what is known since. A step into `Open` needs copies that are held
/// or sold: only who stores the bank's id may show or confirm it, so an attempt that was closed meanwhile can take no money.
#[derive(Clone, Debug)]
pub(crate) struct AttemptStep {
    pub id: Uuid,
    pub from: AttemptState,
    pub to: AttemptState,
    pub session: Option<Session>,
    pub intent: Option<String>,
    pub decline_code: Option<String>,
    /// Seconds until it is looked at again.
    pub next_look: u32,
}

impl AttemptStep {
    pub(crate) fn new(id: Uuid, from: AttemptState, to: AttemptState) -> Self {
        Self { id, from, to, session: None, intent: None, decline_code: None, next_look: 0 }
    }
}

#[derive(Serialize)]
struct StepRow<'a> {
    id: Hex<'a>,
    from: AttemptState,
    to: AttemptState,
    session_id: Option<&'a str>,
    session_url: Option<&'a str>,
    intent: Option<&'a str>,
    decline_code: Option<&'a str>,
    next_look: u32,
}

/// Takes attempts to another state; returns how many were still in the state that they are taken from.
pub(crate) async fn step(connection: &mut MySqlConnection, steps: &[AttemptStep]) -> Result<u64, Error> {
    if steps.is_empty() {
        return Ok(0);
    }
    let rows: Vec<StepRow<'_>> = steps
        .iter()
        .map(|step| StepRow {
            id: Hex(step.id.as_bytes()),
            from: step.from,
            to: step.to,
            session_id: step.session.as_ref().map(|session| session.id.as_str()),
            session_url: step.session.as_ref().and_then(|session| session.url.as_deref()),
            intent: step.intent.as_deref(),
            decline_code: step.decline_code.as_deref(),
            next_look: step.next_look,
        })
        .collect();
    let changed = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (
                   id char(32) path '$.id', from_state varchar(20) path '$.from', to_state varchar(20) path '$.to',
                   session_id varchar(120) path '$.session_id', session_url varchar(1000) path '$.session_url',
                   intent_id varchar(120) path '$.intent', decline_code varchar(80) path '$.decline_code',
                   next_look int path '$.next_look')) as list
               straight_join payment_attempt force index (primary) on payment_attempt.id = unhex(list.id)
        set payment_attempt.state = list.to_state,
            payment_attempt.session_id = coalesce(list.session_id, payment_attempt.session_id),
            payment_attempt.session_url = coalesce(list.session_url, payment_attempt.session_url),
            payment_attempt.intent_id = coalesce(list.intent_id, payment_attempt.intent_id),
            payment_attempt.decline_code = coalesce(list.decline_code, payment_attempt.decline_code),
            payment_attempt.tries = 0, payment_attempt.leased_by = if(list.next_look = 0, payment_attempt.leased_by, null),
            payment_attempt.settle_at = if(list.next_look = 0, payment_attempt.settle_at,
                                           utc_timestamp(6) + interval list.next_look second)
        where payment_attempt.state = list.from_state collate utf8mb4_unicode_ci
          and (list.to_state <> 'open'
               or exists (select 1 from hold where hold.order_id = payment_attempt.order_id
                          and hold.state in ('held', 'sold')))
        "#,
        list::of(&rows)?
    )
    .execute(connection)
    .await?;
    Ok(changed.rows_affected())
}

impl Purchase {
    /// The attempts that are due to be looked at, earliest first.
    pub(crate) async fn due_attempts(&self, most: u32) -> Result<Vec<Uuid>, Error> {
        let due = sqlx::query!(
            r#"
            select id as "id: Uuid" from payment_attempt
            where state in ('creating', 'open', 'authorised') and settle_at <= utc_timestamp(6)
            order by settle_at limit ?
            "#,
            most
        )
        .fetch_all(self.database().pool())
        .await?;
        Ok(due.into_iter().map(|row| row.id).collect())
    }

    /// Takes a due attempt for this process; `None` when another has it.
    pub(crate) async fn claim_attempt(&self, attempt: Uuid) -> Result<Option<Attempt>, Error> {
        let lease = Uuid::new_v4();
        let claimed = sqlx::query!(
            r#"
            update payment_attempt set settle_at = utc_timestamp(6) + interval ? second, leased_by = ?
            where id = ? and state in ('creating', 'open', 'authorised') and settle_at <= utc_timestamp(6)
            "#,
            LEASE,
            lease,
            attempt
        )
        .execute(self.database().pool())
        .await?;
        if claimed.rows_affected() == 0 {
            return Ok(None);
        }
        let attempt = sqlx::query_as!(
            Attempt,
            r#"
            select id as "id: Uuid", order_id as "order_id: Uuid", state as "state: AttemptState", method, body,
                   session_id, intent_id, tries,
                   cast(? as binary(16)) as "lease!: Uuid",
                   false as "is_new!: bool",
                   create_until > utc_timestamp(6) as "may_create!: bool",
                   expires_at <= utc_timestamp(6) as "is_over!: bool",
                   created_at <= utc_timestamp(6) - interval 24 hour as "is_lost!: bool"
            from payment_attempt where id = ?
            "#,
            lease,
            attempt
        )
        .fetch_one(self.database().pool())
        .await?;
        Ok(Some(attempt))
    }

    /// Says when to look at an attempt again after a look that went well, in seconds from now; sooner if word of it has
    /// come meanwhile.
    pub(crate) async fn look_again(&self, attempt: &Attempt, seconds: u32) -> Result<(), Error> {
        self.put_off(attempt, seconds, 0).await
    }

    /// Puts an attempt off that could not be looked at: 2, 4, 8 … 60 seconds.
    pub(crate) async fn back_off(&self, attempt: &Attempt) -> Result<(), Error> {
        let tries = attempt.tries.saturating_add(1);
        self.put_off(attempt, 1_u32.checked_shl(tries).unwrap_or(60).min(60), tries).await
    }

    /// Changes nothing for whoever has lost the lease meanwhile.
    async fn put_off(&self, attempt: &Attempt, seconds: u32, tries: u32) -> Result<(), Error> {
        sqlx::query!(
            r#"
            update payment_attempt
            set settle_at = if(settle_at <= utc_timestamp(6) + interval ? second, settle_at,
                               utc_timestamp(6) + interval ? second),
                leased_by = null, tries = ?
            where id = ? and leased_by = ?
            "#,
            WORD_OF_IT,
            seconds,
            tries,
            attempt.id,
            attempt.lease
        )
        .execute(self.database().pool())
        .await?;
        Ok(())
    }
}
