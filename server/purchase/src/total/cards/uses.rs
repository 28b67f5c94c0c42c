//! The orders' rows at their cards.

use serde::Serialize;
use sqlx::MySqlConnection;

use super::{CardUse, CardUseState};
use crate::Error;
use crate::list::{self, Hex};

#[derive(Serialize)]
struct Row<'a> {
    order: Hex<'a>,
    card: Hex<'a>,
    amount: i64,
}

fn rows(uses: &[CardUse]) -> Result<String, Error> {
    let rows = uses.iter().map(|row| Row {
        order: Hex(row.order.as_bytes()),
        card: Hex(row.card.as_bytes()),
        amount: row.amount.minor(),
    });
    list::of(&rows.collect::<Vec<_>>())
}

pub(super) async fn insert(connection: &mut MySqlConnection, uses: &[CardUse]) -> Result<(), Error> {
    sqlx::query!(
        r#"
        insert into gift_card_use (order_id, card_id, amount)
        select unhex(list.order_id), unhex(list.card), list.amount
        from json_table(?, '$[*]' columns (
                 order_id char(32) path '$.order', card char(32) path '$.card',
                 amount bigint path '$.amount')) as list
        "#,
        rows(uses)?
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes uses from one state to the next; the amounts must be those that are written there.
pub(super) async fn step(
    connection: &mut MySqlConnection,
    uses: &[CardUse],
    from: CardUseState,
    to: CardUseState,
) -> Result<(), Error> {
    let stepped = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (
                   order_id char(32) path '$.order', card char(32) path '$.card',
                   amount bigint path '$.amount')) as list
               straight_join gift_card_use force index (primary)
               on gift_card_use.order_id = unhex(list.order_id) and gift_card_use.card_id = unhex(list.card)
        set gift_card_use.state = ?, gift_card_use.at = current_timestamp(6)
        where gift_card_use.state = ? and gift_card_use.amount = list.amount
        "#,
        rows(uses)?,
        to.as_str(),
        from.as_str()
    )
    .execute(connection)
    .await?;
    if stepped.rows_affected() == uses.len() as u64 {
        Ok(())
    } else {
        Err(Error::Defect("a use of a gift card is not as it must be"))
    }
}
