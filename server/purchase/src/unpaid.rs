//! The other end of an order: unpaid. Its copies go back to the shelf, its lines back to the shopper.

use database::{Transaction, is_duplicate};
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::attempt::{self, Attempt, AttemptState};
use crate::basket;
use crate::order::{self, LockedOrder, OrderState};
use crate::purchase::Purchase;
use crate::stock::{self, Copies};

impl Purchase {
    /// Ends an order whose payment the bank has closed (or never opened), in one transaction. An order that has
    /// ended otherwise meanwhile stays as it is.
    pub(crate) async fn end_unpaid(&self, attempt: &Attempt, end: OrderState) -> Result<(), Error> {
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = end_unpaid(&mut tx, attempt, end).await;
                tx.end(result).await
            })
            .await?;
        tracing::info!(order = %attempt.order_id, end = end.as_str(), "purchase.unpaid");
        Ok(())
    }

    /// Releases the copies of an order that the bank is silent about; the order keeps its lines until the bank
    /// has spoken.
    pub(crate) async fn release_in_doubt(&self, attempt: &Attempt) -> Result<(), Error> {
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = async {
                    let locked = order::lock(&mut tx, attempt.order_id).await?;
                    if locked.state != OrderState::AwaitingPayment {
                        return Ok(());
                    }
                    order::step(&mut tx, &locked, OrderState::InDoubt, "worker").await?;
                    release_holds(&mut tx, &locked).await
                }
                .await;
                tx.end(result).await
            })
            .await
    }
}

async fn end_unpaid(tx: &mut Transaction, attempt: &Attempt, end: OrderState) -> Result<(), Error> {
    // Baskets are locked before orders; which one it is never changes.
    let basket = sqlx::query!(
        r#"select basket_id as "id: Uuid" from orders where id = ?"#,
        attempt.order_id
    )
    .fetch_one(&mut **tx)
    .await?
    .id;
    sqlx::query!("select version from basket where id = ? for update", basket)
        .fetch_one(&mut **tx)
        .await?;
    let locked = order::lock(tx, attempt.order_id).await?;
    if !attempt::step(tx, attempt.id, attempt.state, AttemptState::Closed, None).await? {
        return Ok(());
    }
    if matches!(locked.state, OrderState::AwaitingPayment | OrderState::InDoubt) {
        // An order in doubt has only one end without money.
        let end = if locked.state == OrderState::InDoubt { OrderState::Expired } else { end };
        order::step(tx, &locked, end, "worker").await?;
        give_lines_back(tx, &locked).await?;
        release_holds(tx, &locked).await?;
    }
    Ok(())
}

/// The same basket opens again; where the shopper shops with another one by now, the lines are added to that.
async fn give_lines_back(tx: &mut Transaction, order: &LockedOrder) -> Result<(), Error> {
    let shopper = current_shopper(tx, order.shopper_id).await?;
    if shopper != order.shopper_id {
        return basket::add_lines(tx, order.basket_id, shopper).await;
    }
    let reopened = sqlx::query!(
        "update basket set state = 'open', version = version + 1 where id = ? and version = ? and state = 'ordered'",
        order.basket_id,
        order.basket_version
    )
    .execute(&mut **tx)
    .await;
    match reopened {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => basket::add_lines(tx, order.basket_id, shopper).await,
        Err(error) => Err(error.into()),
    }
}

/// A guest who has signed in meanwhile shops with the account's basket.
async fn current_shopper(connection: &mut MySqlConnection, shopper: Uuid) -> Result<Uuid, Error> {
    let account = sqlx::query!(
        r#"
        select customer.shopper_id as "id: Uuid"
        from shopper join customer on customer.id = shopper.customer_id where shopper.id = ?
        "#,
        shopper
    )
    .fetch_optional(connection)
    .await?;
    Ok(account.map_or(shopper, |account| account.id))
}

async fn release_holds(tx: &mut Transaction, order: &LockedOrder) -> Result<(), Error> {
    let copies: Vec<Copies> = sqlx::query_as!(
        Copies,
        r#"
        select edition_id as edition, quantity from hold
        where order_id = ? and state = 'held' order by edition_id for update
        "#,
        order.id
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update hold set state = 'released', ended_at = utc_timestamp(6) where order_id = ? and state = 'held'",
        order.id
    )
    .execute(&mut **tx)
    .await?;
    for copies in copies {
        stock::release(tx, order.id, copies, "worker").await?;
    }
    Ok(())
}
