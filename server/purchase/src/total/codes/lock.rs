//! The codes' rows, locked after the orders and before the gift cards.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::MySqlConnection;
use uuid::Uuid;

use super::{CodeRefused, CodeUse, CodeUseState, CustomerKey};
use crate::Error;
use crate::list;

/// A code's row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code {
    pub id: Uuid,
    pub used: u32,
    pub held: u32,
    pub most_uses: Option<u32>,
    pub most_per_customer: Option<u32>,
    pub started: bool,
    pub ended: bool,
}

impl Code {
    /// Why a customer with so many uses cannot have one more; `None` if that can be.
    pub(super) fn refusal(&self, uses_of_customer: u32) -> Option<CodeRefused> {
        if !self.started {
            Some(CodeRefused::NotYet)
        } else if self.ended {
            Some(CodeRefused::Over)
        } else if self.most_per_customer.is_some_and(|most| uses_of_customer >= most) {
            Some(CodeRefused::UsedByYou)
        } else if self.most_uses.is_some_and(|most| self.used.saturating_add(self.held) >= most) {
            Some(CodeRefused::UsedUp)
        } else {
            None
        }
    }
}

/// Rows as this transaction's own locking read returned them and as its own changes left them; valid until it ends.
#[derive(Debug)]
pub struct LockedCodes(pub(super) BTreeMap<Uuid, Code>);

/// Locks codes, in the order of their ids, until the transaction ends; one that is not there is missing.
///
/// # Errors
/// When the database fails.
pub async fn lock(connection: &mut MySqlConnection, codes: &BTreeSet<Uuid>) -> Result<LockedCodes, Error> {
    if codes.is_empty() {
        return Ok(LockedCodes(BTreeMap::new()));
    }
    let rows = sqlx::query_as!(
        Code,
        r#"
        select discount_code.id as "id: Uuid", discount_code.used, discount_code.held, discount_code.most_uses,
               discount_code.most_per_customer, discount_code.starts_at <= utc_timestamp(6) as "started!: bool",
               coalesce(discount_code.ends_at <= utc_timestamp(6), false) as "ended!: bool"
        from (select unhex(list.id) as id from json_table(?, '$[*]' columns (id char(32) path '$')) as list
              limit 1000000) as wanted
             straight_join discount_code force index (primary) on discount_code.id = wanted.id
        for update
        "#,
        list::of_ids(codes)?
    )
    .fetch_all(connection)
    .await?;
    Ok(LockedCodes(rows.into_iter().map(|row| (row.id, row)).collect()))
}

/// The uses of these orders that are in a state; the orders are locked, so that it stays that.
///
/// # Errors
/// When the database fails.
pub async fn uses_of(
    connection: &mut MySqlConnection,
    orders: &BTreeSet<Uuid>,
    state: CodeUseState,
) -> Result<Vec<CodeUse>, Error> {
    let rows = sqlx::query!(
        r#"
        select discount_use.order_id as "order_id: Uuid", discount_use.code_id as "code_id: Uuid",
               discount_use.customer
        from json_table(?, '$[*]' columns (id char(32) path '$')) as list
             straight_join discount_use force index (primary) on discount_use.order_id = unhex(list.id)
        where discount_use.state = ?
        "#,
        list::of_ids(orders)?,
        state.as_str()
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let customer =
                <[u8; 32]>::try_from(row.customer).map_err(|_| Error::Defect("a customer's key has another length"))?;
            Ok(CodeUse { order: row.order_id, code: row.code_id, customer: CustomerKey(customer) })
        })
        .collect()
}
