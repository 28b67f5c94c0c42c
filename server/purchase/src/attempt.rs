//! Payment attempts: the one place that reads and writes their rows.

use sqlx::MySqlConnection;
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::Error;
use crate::money::Money;
use crate::payment::Session;
use crate::purchase::Purchase;

/// How far an attempt to pay has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub(crate) enum AttemptState {
    /// Our row is there; the bank's page may or may not be.
    Creating,
    /// The shopper can pay at the bank.
    Open,
    /// Paid and sold; the money is to be captured.
    Authorised,
    /// The money is ours.
    Captured,
    /// Ended without money.
    Closed,
    /// Sold, but the bank refuses the money for good: a matter for people.
    CaptureFailed,
}

/// An attempt as the worker needs it.
pub(crate) struct Attempt {
    pub id: Uuid,
    pub order_id: Uuid,
    pub state: AttemptState,
    pub body: String,
    pub session_id: Option<String>,
    pub intent_id: Option<String>,
    pub tries: u32,
    /// The bank's page may still be opened: within the first minutes of the hold.
    pub may_create: bool,
    /// The bank's page should have closed by itself.
    pub is_over: bool,
    /// The bank has been silent beyond all patience.
    pub is_lost: bool,
}

/// A new attempt's fixed facts.
pub(crate) struct NewAttempt<'a> {
    pub id: Uuid,
    pub order: Uuid,
    pub amount: Money,
    pub body: &'a str,
    /// Until when the bank's page may be opened.
    pub create_until: PrimitiveDateTime,
    /// When the bank closes its page.
    pub expires_at: PrimitiveDateTime,
}

/// Writes a new attempt down, in the transaction that holds the copies. The request that made it opens the bank's
/// page itself; the worker looks after it if that request dies.
pub(crate) async fn insert(connection: &mut MySqlConnection, new: &NewAttempt<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into payment_attempt
            (id, order_id, number, amount, currency, body, create_until, expires_at, settle_at)
        values (?, ?, 1, ?, ?, ?, ?, ?, utc_timestamp(6) + interval 10 second)
        "#,
        new.id,
        new.order,
        new.amount.minor(),
        new.amount.currency().code(),
        new.body,
        new.create_until,
        new.expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes an unfinished attempt due at once; does nothing for one that has ended or is not ours.
pub(crate) async fn make_due(connection: &mut MySqlConnection, attempt: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update payment_attempt set settle_at = utc_timestamp(6)
        where id = ? and state in ('creating', 'open', 'authorised')
        "#,
        attempt
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The key under which the bank does an operation of an attempt once.
pub(crate) fn bank_key(attempt: Uuid, operation: &str) -> String {
    format!("{}-{operation}", attempt.simple())
}

/// Takes an attempt to another state, after its order was locked; `false` when its state is no longer `from`.
pub(crate) async fn step(
    connection: &mut MySqlConnection,
    attempt: Uuid,
    from: AttemptState,
    to: AttemptState,
    intent: Option<&str>,
) -> Result<bool, Error> {
    let changed = sqlx::query!(
        r#"
        update payment_attempt set state = ?, intent_id = coalesce(?, intent_id), tries = 0,
               settle_at = utc_timestamp(6)
        where id = ? and state = ?
        "#,
        to.as_str(),
        intent,
        attempt,
        from.as_str()
    )
    .execute(connection)
    .await?;
    Ok(changed.rows_affected() == 1)
}

impl AttemptState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Open => "open",
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::Closed => "closed",
            Self::CaptureFailed => "capture_failed",
        }
    }
}

impl Purchase {
    /// Stores the bank's page of an attempt, if its hold still lives. Only who stores the page's id may show it, so
    /// an attempt that was closed meanwhile can take no money. Returns whether it was stored.
    pub(crate) async fn store_session(&self, attempt: Uuid, session: &Session) -> Result<bool, Error> {
        let changed = sqlx::query!(
            r#"
            update payment_attempt set state = 'open', session_id = ?, session_url = ?, tries = 0,
                   settle_at = utc_timestamp(6) + interval 15 second
            where id = ? and state = 'creating'
              and exists (select 1 from hold where hold.order_id = payment_attempt.order_id and hold.state = 'held')
            "#,
            session.id,
            session.url,
            attempt
        )
        .execute(self.database().pool())
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// The attempts that are due to be looked at, earliest first.
    pub(crate) async fn due_attempts(&self, most: usize) -> Result<Vec<Uuid>, Error> {
        let due = sqlx::query!(
            r#"
            select id as "id: Uuid" from payment_attempt
            where state in ('creating', 'open', 'authorised') and settle_at <= utc_timestamp(6)
            order by settle_at limit ?
            "#,
            u64::try_from(most).unwrap_or(u64::MAX)
        )
        .fetch_all(self.database().pool())
        .await?;
        Ok(due.into_iter().map(|row| row.id).collect())
    }

    /// Takes a due attempt for this process, for longer than the bank may need for the calls of one step; `None` when
    /// another has it.
    pub(crate) async fn claim_attempt(&self, attempt: Uuid) -> Result<Option<Attempt>, Error> {
        let claimed = sqlx::query!(
            r#"
            update payment_attempt set settle_at = utc_timestamp(6) + interval 45 second
            where id = ? and state in ('creating', 'open', 'authorised') and settle_at <= utc_timestamp(6)
            "#,
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
            select id as "id: Uuid", order_id as "order_id: Uuid", state as "state: AttemptState", body, session_id,
                   intent_id, tries,
                   create_until > utc_timestamp(6) as "may_create!: bool",
                   expires_at <= utc_timestamp(6) as "is_over!: bool",
                   created_at <= utc_timestamp(6) - interval 24 hour as "is_lost!: bool"
            from payment_attempt where id = ?
            "#,
            attempt
        )
        .fetch_one(self.database().pool())
        .await?;
        Ok(Some(attempt))
    }

    /// Says when to look at an attempt again after a look that went well, in seconds from now; sooner if somebody has
    /// asked for it meanwhile.
    pub(crate) async fn look_again(&self, attempt: &Attempt, seconds: u32) -> Result<(), Error> {
        self.put_off(attempt, seconds, 0).await
    }

    /// Puts an attempt off that could not be looked at: 2, 4, 8 … 60 seconds.
    pub(crate) async fn back_off(&self, attempt: &Attempt) -> Result<(), Error> {
        let tries = attempt.tries.saturating_add(1);
        self.put_off(attempt, 1_u32.checked_shl(tries).unwrap_or(60).min(60), tries).await
    }

    async fn put_off(&self, attempt: &Attempt, seconds: u32, tries: u32) -> Result<(), Error> {
        sqlx::query!(
            r#"
            update payment_attempt set settle_at = utc_timestamp(6) + interval ? second, tries = ?
            where id = ? and state = ? and settle_at > utc_timestamp(6)
            "#,
            seconds,
            tries,
            attempt.id,
            attempt.state.as_str()
        )
        .execute(self.database().pool())
        .await?;
        Ok(())
    }
}
