//! Proving an e-mail address: a link that works once is mailed there, and whoever is signed in to the account that asked
//! for it shows by it that they read that mailbox.

use database::Transaction;
use messages::{AddressProof, Message};
use sha2::{Digest, Sha256};
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::{AddressOwner, Customer, CustomerId, Error, Identity};

/// How many letters an account gets within the 24 hours that a link works.
const MOST_LETTERS: i64 = 10;

impl Identity {
    /// Mails the customer a link that proves their address. There is no letter where the address is proved, within a
    /// minute of the last one, and beyond ten a day; who asks is not told.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn send_address_proof(&self, customer: &Customer) -> Result<(), Error> {
        let owed = self
            .database
            .retry(|| async {
                let mut tx = self.database.begin().await?;
                let owed = self.owe_address_proof(&mut tx, customer.id).await;
                tx.end(owed).await
            })
            .await?;
        if owed {
            self.relay.notify_one();
        }
        tracing::info!(event = "auth.address_proof.asked", customer = %customer.id, owed, "a proof was asked for");
        Ok(())
    }

    /// Writes a link and the message that carries it; false where there is to be no letter. The relay has to be told.
    pub(crate) async fn owe_address_proof(&self, tx: &mut Transaction, customer: CustomerId) -> Result<bool, Error> {
        // The lock makes those who ask at once take turns, so that the letters are counted right.
        let Some(account) = sqlx::query!(
            r#"
            select email, email_folded, email_proved_at is not null as "is_proved!: bool",
                   utc_timestamp(6) + interval 24 hour as "expires_at!: PrimitiveDateTime"
            from customer where id = ? for update
            "#,
            customer.0
        )
        .fetch_optional(&mut **tx)
        .await?
        else {
            return Ok(false);
        };
        if account.is_proved {
            return Ok(false);
        }
        sqlx::query!("delete from address_proof where customer_id = ? and expires_at <= utc_timestamp(6)", customer.0)
            .execute(&mut **tx)
            .await?;
        let letters = sqlx::query!(
            r#"
            select count(*) as "count!: i64",
                   coalesce(max(created_at) > utc_timestamp(6) - interval 1 minute, false) as "is_recent!: bool"
            from address_proof where customer_id = ?
            "#,
            customer.0
        )
        .fetch_one(&mut **tx)
        .await?;
        if letters.is_recent || letters.count >= MOST_LETTERS {
            return Ok(false);
        }
        let token = format!("{:032x}", rand::random::<u128>());
        sqlx::query!(
            "insert into address_proof (token_hash, customer_id, email_folded, expires_at) values (?, ?, ?, ?)",
            hash(&token),
            customer.0,
            account.email_folded,
            account.expires_at
        )
        .execute(&mut **tx)
        .await?;
        // Here alone the token is kept as it is, for a week after it was sent. Whoever reads it there can do nothing with
        // it unless they are signed in to the account that asked.
        let letter = Message::AddressProof(AddressProof {
            email: account.email,
            proof_url: format!("{}{token}", self.settings.proof_url),
            valid_until: account.expires_at.assume_utc().unix_timestamp(),
        });
        // An account has several of these letters, and the outbox one of a kind for each subject.
        outbox::insert(tx, &[(Uuid::now_v7(), letter)]).await?;
        Ok(true)
    }

    /// Whether [`prove_address`](Self::prove_address) would succeed; changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_address_proof(&self, customer: &Customer, token: &str) -> Result<bool, Error> {
        let found = sqlx::query!(
            r#"
            select address_proof.expires_at
            from address_proof join customer
                 on customer.id = address_proof.customer_id and customer.email_folded = address_proof.email_folded
            where token_hash = ? and customer_id = ? and expires_at > utc_timestamp(6)
            "#,
            hash(token),
            customer.id.0
        )
        .fetch_optional(self.database.pool())
        .await?;
        Ok(found.is_some())
    }

    /// Proves the customer's address by the token of the link that was mailed there. `None` where it has been used, has
    /// expired, was never given, or is another account's: else somebody could sign up with a stranger's address and let
    /// them click.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prove_address(&self, customer: &Customer, token: &str) -> Result<Option<AddressOwner>, Error> {
        let proved = self
            .database
            .retry(|| async {
                let mut tx = self.database.begin().await?;
                let proved = use_up(&mut tx, customer.id, token).await;
                tx.end(proved).await
            })
            .await?;
        if proved {
            tracing::info!(event = "auth.address_proof.ok", customer = %customer.id, "an address was proved");
        } else {
            tracing::info!(event = "auth.address_proof.failed", customer = %customer.id, "a proof was refused");
        }
        Ok(proved.then(|| AddressOwner::of(customer)))
    }
}

async fn use_up(tx: &mut Transaction, customer: CustomerId, token: &str) -> Result<bool, Error> {
    // Locked as when a link is written, and before its row.
    let account = sqlx::query!("select email_folded from customer where id = ? for update", customer.0)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(account) = account else { return Ok(false) };
    let used = sqlx::query!(
        r#"
        delete from address_proof
        where token_hash = ? and customer_id = ? and email_folded = ? and expires_at > utc_timestamp(6)
        "#,
        hash(token),
        customer.0,
        account.email_folded
    )
    .execute(&mut **tx)
    .await?;
    if used.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("update customer set email_proved_at = utc_timestamp(6) where id = ?", customer.0)
        .execute(&mut **tx)
        .await?;
    // There is nothing left for the others to prove.
    sqlx::query!("delete from address_proof where customer_id = ?", customer.0).execute(&mut **tx).await?;
    Ok(true)
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
