//! The rows of customers and shoppers.

use database::Transaction;
use sqlx::{MySqlExecutor, MySqlPool};
use uuid::Uuid;

use crate::email::Email;
use crate::{Customer, CustomerId, ShopperId};

/// A customer who can be let in, if the password is right.
pub(crate) struct Account {
    pub(crate) customer: Customer,
    pub(crate) password_hash: String,
}

pub(crate) async fn find_customer(db: impl MySqlExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Customer>> {
    let row = sqlx::query!(
        r#"
        select name, email, email_proved_at is not null as "email_proved!: bool", shopper_id as "shopper_id: Uuid"
        from customer where id = ?
        "#,
        id,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Customer {
        id: CustomerId(id),
        name: row.name,
        email: row.email,
        email_proved: row.email_proved,
        shopper_id: ShopperId(row.shopper_id),
    }))
}

pub(crate) async fn find_account(db: impl MySqlExecutor<'_>, email_folded: &str) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query!(
        r#"
        select id as "id: Uuid", name, email, email_proved_at is not null as "email_proved!: bool",
               shopper_id as "shopper_id: Uuid", password_hash
        from customer where email_folded = ?
        "#,
        email_folded,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Account {
        customer: Customer {
            id: CustomerId(row.id),
            name: row.name,
            email: row.email,
            email_proved: row.email_proved,
            shopper_id: ShopperId(row.shopper_id),
        },
        password_hash: row.password_hash,
    }))
}

/// Makes the account and the shopper that it is. A duplicate means that the address has an account.
pub(crate) async fn insert_account(
    tx: &mut Transaction,
    customer: &Customer,
    email: &Email,
    password_hash: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into customer (id, email, email_folded, name, password_hash, shopper_id)
        values (?, ?, ?, ?, ?, ?)
        "#,
        customer.id.0,
        email.typed(),
        email.folded(),
        customer.name,
        password_hash,
        customer.shopper_id.0,
    )
    .execute(&mut **tx)
    .await?;
    give_shopper(&mut **tx, customer.shopper_id, customer.id).await
}

/// Gives a shopper to an account, unless it has one already.
async fn give_shopper(db: impl MySqlExecutor<'_>, shopper: ShopperId, to: CustomerId) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into shopper (id, customer_id) values (?, ?) on duplicate key update customer_id = customer_id",
        shopper.0,
        to.0
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a guest's shopper to an account; false when it belongs to another.
pub(crate) async fn link_guest(pool: &MySqlPool, guest: ShopperId, customer: CustomerId) -> sqlx::Result<bool> {
    give_shopper(pool, guest, customer).await?;
    let owner =
        sqlx::query!(r#"select customer_id as "id: Uuid" from shopper where id = ?"#, guest.0).fetch_one(pool).await?;
    Ok(owner.id == customer.0)
}

/// Replaces a hash, unless the password was changed meanwhile.
pub(crate) async fn renew_hash(
    db: impl MySqlExecutor<'_>,
    customer: CustomerId,
    old: &str,
    new: &str,
) -> sqlx::Result<()> {
    sqlx::query!("update customer set password_hash = ? where id = ? and password_hash = ?", new, customer.0, old,)
        .execute(db)
        .await?;
    Ok(())
}
