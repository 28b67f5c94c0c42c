//! The account of whoever is signed in, and the proof of its address.

use super::{Gateway, session};
use crate::error::AppError;
use crate::view::Account;

impl Gateway {
    /// Signs in; the basket and the orders that the customer has left behind as a guest come along.
    ///
    /// # Errors
    /// [`AppError::WrongCredentials`], or when a module fails.
    pub async fn sign_in(&self, email: &str, password: String) -> Result<(), AppError> {
        let signed_in = match self.identity.sign_in(&session()?, email, password.into()).await {
            Ok(signed_in) => signed_in,
            Err(identity::SignInError::Wrong) => return Err(AppError::WrongCredentials),
            Err(identity::SignInError::Failed(error)) => return Err(error.into()),
        };
        self.purchase.gather_baskets(&signed_in.customer).await?;
        if let Some(owner) = signed_in.customer.address_owner() {
            self.purchase.claim_orders(&owner).await?;
        }
        Ok(())
    }

    /// The customer's account.
    ///
    /// # Errors
    /// [`AppError::SignInNeeded`], or when a module fails.
    pub async fn account(&self) -> Result<Account, AppError> {
        let customer = self.customer().await?;
        Ok(Account { email: customer.email().to_owned(), email_proved: customer.address_owner().is_some() })
    }

    /// Mails the customer a link that proves their address, if it is not proved and not too many were asked for.
    ///
    /// # Errors
    /// [`AppError::SignInNeeded`], or when a module fails.
    pub async fn send_address_proof(&self) -> Result<(), AppError> {
        let customer = self.customer().await?;
        Ok(self.identity.send_address_proof(&customer).await?)
    }

    /// Whether the link with this token proves the customer's address.
    ///
    /// # Errors
    /// [`AppError::LinkOver`] if not, [`AppError::SignInNeeded`], or when a module fails.
    pub async fn address_proof(&self, token: &str) -> Result<(), AppError> {
        let customer = self.customer().await?;
        if self.identity.is_address_proof(&customer, token).await? { Ok(()) } else { Err(AppError::LinkOver) }
    }

    /// Proves the customer's address; orders that were made with it as a guest are theirs from now on.
    ///
    /// # Errors
    /// [`AppError::LinkOver`], [`AppError::SignInNeeded`], or when a module fails.
    pub async fn prove_address(&self, token: &str) -> Result<(), AppError> {
        let customer = self.customer().await?;
        let owner = self.identity.prove_address(&customer, token).await?.ok_or(AppError::LinkOver)?;
        Ok(self.purchase.claim_orders(&owner).await?)
    }
}
