//! Proofs of identity without a session, for the tests of other modules only (feature `testing`).
#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use database::Database;
use uuid::Uuid;

use crate::customer::insert_account;
use crate::email::Email;
use crate::{AddressOwner, Customer, CustomerId, Shopper, ShopperId};

/// A new guest.
#[must_use]
pub fn guest() -> Shopper {
    Shopper::guest(ShopperId(Uuid::now_v7()))
}

/// A new customer, whom no password lets in.
///
/// # Panics
/// When the address is malformed or taken, or the database fails.
pub async fn customer(database: &Database, email: &str) -> Customer {
    let email = Email::parse(email).expect("the address is sound");
    let customer = Customer {
        id: CustomerId(Uuid::now_v7()),
        name: "Test Customer".to_owned(),
        email: email.typed().to_owned(),
        email_proved: false,
        shopper_id: ShopperId(Uuid::now_v7()),
    };
    let mut tx = database.begin().await.expect("a transaction begins");
    let inserted = insert_account(&mut tx, &customer, &email, "!").await;
    tx.end(inserted.map_err(database::Error::from)).await.expect("a customer can be stored");
    customer
}

/// What the customer would be with a proved address.
#[must_use]
pub fn address_owner(customer: &Customer) -> AddressOwner {
    AddressOwner::of(customer)
}

#[cfg(test)]
mod tests {
    use database::testing::TestDatabase;

    use super::*;

    #[tokio::test]
    async fn the_forged_are_like_the_real_ones() {
        let test = TestDatabase::create(&sqlx::migrate!("../../migrations/shop")).await;
        let customer = customer(&test.database, "Ada@example.org").await;
        assert_ne!(guest().id(), customer.shopper_id());
        let found = crate::customer::find_customer(test.database.pool(), customer.id().as_uuid()).await;
        assert_eq!(found.expect("the database answers"), Some(customer));
        test.drop().await;
    }
}
