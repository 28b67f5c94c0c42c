//! The orders' rows at their codes.

use serde::Serialize;
use sqlx::MySqlConnection;

use super::{CodeUse, CodeUseState};
use crate::Error;
use crate::list::{self, Hex};

#[derive(Serialize)]
struct Row<'a> {
    order: Hex<'a>,
    code: Hex<'a>,
    customer: Hex<'a>,
}

pub(super) async fn insert(connection: &mut MySqlConnection, uses: &[CodeUse]) -> Result<(), Error> {
    let rows: Vec<Row<'_>> = uses
        .iter()
        .map(|row| Row {
            order: Hex(row.order.as_bytes()),
            code: Hex(row.code.as_bytes()),
            customer: Hex(&row.customer.0),
        })
        .collect();
    sqlx::query!(
        r#"
        insert into discount_use (order_id, code_id, customer)
        select unhex(list.order_id), unhex(list.code), unhex(list.customer)
        from json_table(?, '$[*]' columns (
                 order_id char(32) path '$.order', code char(32) path '$.code',
                 customer char(64) path '$.customer')) as list
        "#,
        list::of(&rows)?
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes uses from one state to the next.
pub(super) async fn step(
    connection: &mut MySqlConnection,
    uses: &[CodeUse],
    from: CodeUseState,
    to: CodeUseState,
) -> Result<(), Error> {
    let stepped = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (id char(32) path '$')) as list
               straight_join discount_use force index (primary) on discount_use.order_id = unhex(list.id)
        set discount_use.state = ?, discount_use.at = current_timestamp(6) where discount_use.state = ?
        "#,
        list::of_ids(uses.iter().map(|row| &row.order))?,
        to.as_str(),
        from.as_str()
    )
    .execute(connection)
    .await?;
    if stepped.rows_affected() == uses.len() as u64 {
        Ok(())
    } else {
        Err(Error::Defect("a use of a code is not in the state it must be"))
    }
}
