//! The baskets that become orders, a whole batch at a time.

use std::collections::{BTreeSet, HashMap};

use sqlx::MySqlConnection;
use uuid::Uuid;

use super::NewOrder;
use crate::Error;
use crate::list;

/// Locks the baskets in the order of their ids and tells the versions of the open ones.
pub(super) async fn lock(tx: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<HashMap<Uuid, u32>, Error> {
    let baskets: BTreeSet<Uuid> = orders.iter().map(|order| order.basket).collect();
    let rows = sqlx::query!(
        r#"
        select basket.id as "id: Uuid", basket.version, basket.state = 'open' as "open!: bool"
        from (select unhex(list.id) as id from json_table(?, '$[*]' columns (id char(32) path '$')) as list
              limit 1000000) as wanted
             straight_join basket force index (primary) on basket.id = wanted.id
        for update
        "#,
        list::of_ids(&baskets)?
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().filter(|row| row.open).map(|row| (row.id, row.version)).collect())
}

/// Takes open baskets: they are ordered.
pub(super) async fn take(tx: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<(), Error> {
    if orders.is_empty() {
        return Ok(());
    }
    let taken = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (id char(32) path '$')) as list
               straight_join basket force index (primary) on basket.id = unhex(list.id)
        set basket.state = 'ordered' where basket.state = 'open'
        "#,
        list::of_ids(orders.iter().map(|order| &order.basket))?
    )
    .execute(tx)
    .await?;
    if taken.rows_affected() != orders.len() as u64 {
        return Err(Error::Defect("a basket changed under its lock"));
    }
    Ok(())
}

/// A refused form's page shows the basket anew, with another token.
pub(super) async fn reopen(tx: &mut MySqlConnection, refused: &[&NewOrder]) -> Result<(), Error> {
    if refused.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (id char(32) path '$')) as list
               straight_join basket force index (primary) on basket.id = unhex(list.id)
        set basket.state = 'open', basket.version = basket.version + 1
        "#,
        list::of_ids(refused.iter().map(|order| &order.basket))?
    )
    .execute(tx)
    .await?;
    Ok(())
}
