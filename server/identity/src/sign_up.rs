//! Signing up: a new account, signed in at once.

use database::{IsDatabaseError, is_duplicate};
use secrecy::{ExposeSecret, SecretString};
use tower_sessions::Session;
use uuid::Uuid;

use crate::customer::insert_account;
use crate::email::{Email, EmailProblem};
use crate::password::{PasswordProblem, check};
use crate::{Customer, CustomerId, Error, Identity, ShopperId, SignedIn};

const NAME_MAX_CHARS: usize = 200;

/// What somebody types to get an account.
#[derive(Clone)]
pub struct SignUp {
    /// What to call them.
    pub name: String,
    /// Where mail reaches them, and what they sign in with.
    pub email: String,
    /// Taken exactly as typed.
    pub password: SecretString,
}

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// Something typed is not acceptable.
    #[error("something typed is not acceptable: {0:?}")]
    Invalid(Problems),
    /// The address has an account.
    #[error("the address has an account")]
    EmailTaken,
    /// Nobody expected this.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// What is wrong with each field, `None` where nothing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// With the name.
    pub name: Option<NameProblem>,
    /// With the e-mail address.
    pub email: Option<EmailProblem>,
    /// With the password.
    pub password: Option<PasswordProblem>,
}

/// Why a name is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameProblem {
    /// There is none.
    Missing,
    /// More than 200 characters.
    TooLong,
    /// It has line breaks or other control characters in it.
    Malformed,
}

/// A sign-up that has passed the rules.
struct Checked {
    name: String,
    email: Email,
    password: SecretString,
}

impl SignUp {
    fn check(self, shop_name: &str) -> Result<Checked, Problems> {
        let name = parse_name(&self.name);
        let email = Email::parse(&self.email);
        let (address, local_part) = email.as_ref().map_or(("", ""), |email| (email.typed(), email.local_part()));
        let password = check(self.password.expose_secret(), &[address, local_part, shop_name]);
        match (name, email, password) {
            (Ok(name), Ok(email), Ok(())) => Ok(Checked { name, email, password: self.password }),
            (name, email, password) => Err(Problems { name: name.err(), email: email.err(), password: password.err() }),
        }
    }
}

fn parse_name(typed: &str) -> Result<String, NameProblem> {
    let name = typed.trim();
    if name.is_empty() {
        return Err(NameProblem::Missing);
    }
    if name.chars().count() > NAME_MAX_CHARS {
        return Err(NameProblem::TooLong);
    }
    if name.contains(char::is_control) {
        return Err(NameProblem::Malformed);
    }
    Ok(name.to_owned())
}

impl Identity {
    /// Makes an account and signs in to it; the session gets a new id. A link that proves the address is mailed there.
    ///
    /// # Errors
    /// What is wrong with the fields, that the address is taken, or whatever failed.
    pub async fn sign_up(&self, session: &Session, sign_up: SignUp) -> Result<SignedIn, SignUpError> {
        let Checked { name, email, password } =
            sign_up.check(&self.settings.shop_name).map_err(SignUpError::Invalid)?;
        let hash = self.passwords.hash(password).await?;
        let customer = Customer {
            id: CustomerId(Uuid::now_v7()),
            name,
            email: email.typed().to_owned(),
            email_proved: false,
            shopper_id: ShopperId(Uuid::now_v7()),
        };
        self.database.retry(|| self.store_account(&customer, &email, &hash)).await.inspect_err(|error| {
            if matches!(error, SignUpError::EmailTaken) {
                tracing::info!(event = "auth.sign_up.failed", "a sign-up was refused: the address has an account");
            }
        })?;
        self.relay.notify_one();
        let signed_in = self.begin_session(session, customer).await?;
        tracing::info!(event = "auth.sign_up.ok", customer = %signed_in.customer.id, "signed up");
        Ok(signed_in)
    }

    async fn store_account(&self, customer: &Customer, email: &Email, hash: &str) -> Result<(), SignUpError> {
        let mut tx = self.database.begin().await?;
        let stored = async {
            insert_account(&mut tx, customer, email, hash).await.map_err(|error| {
                if is_duplicate(&error) { SignUpError::EmailTaken } else { Error::from(error).into() }
            })?;
            self.owe_address_proof(&mut tx, customer.id).await?;
            Ok(())
        }
        .await;
        tx.end(stored).await
    }
}

impl From<database::Error> for SignUpError {
    fn from(error: database::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl IsDatabaseError for SignUpError {
    fn database_error(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Failed(error) => error.database_error(),
            Self::Invalid(_) | Self::EmailTaken => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_must_be_one_line_of_at_most_200_characters() {
        assert_eq!(parse_name("  Ada Byron "), Ok("Ada Byron".to_owned()));
        assert_eq!(parse_name(&"é".repeat(200)), Ok("é".repeat(200)));
        assert_eq!(parse_name(&"é".repeat(201)), Err(NameProblem::TooLong));
        assert_eq!(parse_name(" \n "), Err(NameProblem::Missing));
        // SECURITY 55: what is stored can be put into a mail's header.
        assert_eq!(parse_name("Ada\r\nBcc: eve@example.org"), Err(NameProblem::Malformed));
        assert_eq!(parse_name("Ada\0"), Err(NameProblem::Malformed));
    }

    #[test]
    fn every_field_gets_its_own_problem() {
        let sign_up = SignUp { name: String::new(), email: "ada".to_owned(), password: "short".into() };
        assert_eq!(
            sign_up.check("Octavo").err(),
            Some(Problems {
                name: Some(NameProblem::Missing),
                email: Some(EmailProblem::Malformed),
                password: Some(PasswordProblem::TooShort),
            })
        );
    }

    #[test]
    fn security_7_the_shops_name_and_the_local_part_are_no_password() {
        for password in ["ada.byron1815", "octavo shop"] {
            let sign_up =
                SignUp { name: "Ada".to_owned(), email: "Ada.Byron@example.org".to_owned(), password: password.into() };
            let problems = sign_up.check("Octavo").err();
            assert_eq!(problems.and_then(|problems| problems.password), Some(PasswordProblem::TooObvious));
        }
    }
}
