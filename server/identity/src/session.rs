//! Who a browser session belongs to: reading it, beginning it at sign-in, ending it.

use time::{Duration, OffsetDateTime};
use tower_sessions::Session;
use uuid::Uuid;

use crate::customer::{find_customer, link_guest};
use crate::{Customer, Error, Identity, Shopper, ShopperId};

/// How long a session lives without being used; for the session layer's `Expiry::OnInactivity`.
pub const IDLE_LIFETIME: Duration = Duration::days(14);

/// How long after signing in one must sign in again, however busy one was.
pub const ABSOLUTE_LIFETIME: Duration = Duration::days(30);

/// How often use is noted: the store counts idleness from the last change, and a change costs a write.
pub const RENEWAL_INTERVAL: Duration = Duration::days(1);

/// The session's keys that are identity's; what others keep in it must be named otherwise.
pub(crate) const CUSTOMER: &str = "identity.customer";
const GUEST: &str = "identity.guest";
const AUTHENTICATED_AT: &str = "identity.authenticated_at";
const SEEN_AT: &str = "identity.seen_at";

/// What a sign-in brings: the account, and the guest that its owner has been until now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who is signed in.
    pub customer: Customer,
    /// Whose basket to take over: the guest of this browser, who belongs to the account from now on.
    pub guest: Option<ShopperId>,
}

impl Identity {
    /// Who is calling; `None` for a passer-by, who costs no query.
    ///
    /// # Errors
    /// When session or account cannot be read.
    pub async fn shopper(&self, session: &Session) -> Result<Option<Shopper>, Error> {
        if let Some(customer) = self.customer(session).await? {
            return Ok(Some(customer.into()));
        }
        let Some(guest) = session.get::<Uuid>(GUEST).await? else {
            return Ok(None);
        };
        note_use(session).await?;
        Ok(Some(Shopper::guest(ShopperId(guest))))
    }

    /// Who is calling; a passer-by is a new guest, whom the session does not know before it is told to
    /// [`remember`](Self::remember).
    ///
    /// # Errors
    /// When session or account cannot be read.
    pub async fn shopper_or_new(&self, session: &Session) -> Result<Shopper, Error> {
        Ok(self.shopper(session).await?.unwrap_or_else(|| Shopper::guest(ShopperId(Uuid::now_v7()))))
    }

    /// A guest has something to come back for: the session knows them from now on.
    ///
    /// # Errors
    /// When the session cannot be read.
    pub async fn remember(&self, session: &Session, shopper: &Shopper) -> Result<(), Error> {
        if shopper.customer().is_none() && session.get::<Uuid>(GUEST).await?.is_none() {
            session.insert(GUEST, shopper.id().0).await?;
            note_use(session).await?;
        }
        Ok(())
    }

    /// Who is signed in. A session past [`ABSOLUTE_LIFETIME`], or of an account that is gone, ends here.
    ///
    /// # Errors
    /// When session or account cannot be read.
    pub async fn customer(&self, session: &Session) -> Result<Option<Customer>, Error> {
        let Some(id) = session.get::<Uuid>(CUSTOMER).await? else {
            return Ok(None);
        };
        let signed_in: Option<i64> = session.get(AUTHENTICATED_AT).await?;
        if signed_in.is_none_or(|then| age(then) >= ABSOLUTE_LIFETIME) {
            tracing::info!(event = "auth.session.expired", customer = %id, "a session came to its end");
            session.flush().await?;
            return Ok(None);
        }
        let Some(customer) = find_customer(self.database.pool(), id).await? else {
            tracing::info!(event = "auth.session.orphaned", customer = %id, "a session's account is gone");
            session.flush().await?;
            return Ok(None);
        };
        note_use(session).await?;
        Ok(Some(customer))
    }

    /// Ends the session, in the store too: its id opens nothing any more.
    ///
    /// # Errors
    /// When the session cannot be deleted.
    pub async fn sign_out(&self, session: &Session) -> Result<(), Error> {
        let customer: Option<Uuid> = session.get(CUSTOMER).await?;
        if session.id().is_some() {
            session.flush().await?;
        }
        if let Some(customer) = customer {
            tracing::info!(event = "auth.sign_out.ok", %customer, "signed out");
        }
        Ok(())
    }

    /// Makes the session `customer`'s, under a new id so that one known from before opens nothing.
    pub(crate) async fn begin_session(&self, session: &Session, customer: Customer) -> Result<SignedIn, Error> {
        if session.get::<Uuid>(CUSTOMER).await?.is_some() {
            // Whatever else is in it may be another person's.
            session.clear().await;
        }
        let guest = match session.get(GUEST).await?.map(ShopperId) {
            Some(guest) if link_guest(self.database.pool(), guest, customer.id).await? => Some(guest),
            _ => None,
        };
        session.remove_value(GUEST).await?;
        if session.id().is_some() {
            session.cycle_id().await?;
        }
        session.insert(CUSTOMER, customer.id.0).await?;
        session.insert(AUTHENTICATED_AT, now()).await?;
        session.insert(SEEN_AT, now()).await?;
        Ok(SignedIn { customer, guest })
    }
}

/// Keeps a session that is in use from ending as idle.
async fn note_use(session: &Session) -> Result<(), Error> {
    let seen: Option<i64> = session.get(SEEN_AT).await?;
    if seen.is_none_or(|then| age(then) >= RENEWAL_INTERVAL) {
        session.insert(SEEN_AT, now()).await?;
    }
    Ok(())
}

fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

fn age(then: i64) -> Duration {
    Duration::seconds(now().saturating_sub(then))
}
