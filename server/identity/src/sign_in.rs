//! Signing in: an address and a password for a session.

use secrecy::{ExposeSecret, SecretString};
use tower_sessions::Session;

use crate::customer::{find_account, renew_hash};
use crate::email::fold;
use crate::password::{MAX_BYTES, Verdict};
use crate::{Error, Identity, SignedIn};

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Address and password do not go together; which of the two is wrong is told to nobody.
    #[error("address and password do not go together")]
    Wrong,
    /// Nobody expected this.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Identity {
    /// Signs in to an account; the session gets a new id. An unknown address gets the answer of a wrong password,
    /// after the same work.
    ///
    /// # Errors
    /// [`SignInError::Wrong`], or whatever failed.
    pub async fn sign_in(
        &self,
        session: &Session,
        email: &str,
        password: SecretString,
    ) -> Result<SignedIn, SignInError> {
        // No account has such a password, whatever the address.
        if password.expose_secret().len() > MAX_BYTES {
            return Err(SignInError::Wrong);
        }
        let account = find_account(self.database.pool(), &fold(email)).await.map_err(Error::from)?;
        let stored = account.as_ref().map(|account| account.password_hash.clone());
        let verdict = self.passwords.verify(password, stored).await?;
        let account = match (account, verdict) {
            (Some(account), Verdict::Right) => account,
            (Some(account), Verdict::Outdated(hash)) => {
                renew_hash(self.database.pool(), account.customer.id, &account.password_hash, &hash)
                    .await
                    .map_err(Error::from)?;
                account
            }
            (account, _) => {
                let customer = account.map(|account| tracing::field::display(account.customer.id));
                tracing::info!(event = "auth.sign_in.failed", customer, "a sign-in was refused");
                return Err(SignInError::Wrong);
            }
        };
        let signed_in = self.begin_session(session, account.customer).await?;
        tracing::info!(event = "auth.sign_in.ok", customer = %signed_in.customer.id, "signed in");
        Ok(signed_in)
    }
}
