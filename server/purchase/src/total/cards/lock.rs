//! The cards' rows, locked after the discount codes and before the outbox and the stock.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::MySqlConnection;
use uuid::Uuid;

use super::{CardUse, CardUseState};
use crate::Error;
use crate::list;
use crate::money::{Currency, Money};

/// A card's row, in minor units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Card {
    pub id: Uuid,
    pub issued: i64,
    pub held: i64,
    pub spent: i64,
    pub currency: Currency,
}

/// Rows as this transaction's own locking read returned them and as its own changes left them; valid until it ends.
#[derive(Debug)]
pub struct LockedCards(pub(super) BTreeMap<Uuid, Card>);

/// Locks cards, in the order of their ids, until the transaction ends; one that is not there is missing.
///
/// # Errors
/// When the database fails.
pub async fn lock(connection: &mut MySqlConnection, cards: &BTreeSet<Uuid>) -> Result<LockedCards, Error> {
    if cards.is_empty() {
        return Ok(LockedCards(BTreeMap::new()));
    }
    let rows = sqlx::query!(
        r#"
        select gift_card.id as "id: Uuid", gift_card.issued, gift_card.held, gift_card.spent, gift_card.currency
        from (select unhex(list.id) as id from json_table(?, '$[*]' columns (id char(32) path '$')) as list
              limit 1000000) as wanted
             straight_join gift_card force index (primary) on gift_card.id = wanted.id
        for update
        "#,
        list::of_ids(cards)?
    )
    .fetch_all(connection)
    .await?;
    let cards = rows.into_iter().map(|row| {
        let currency = Currency::parse(&row.currency).ok_or(UNKNOWN_CURRENCY)?;
        Ok((row.id, Card { id: row.id, issued: row.issued, held: row.held, spent: row.spent, currency }))
    });
    Ok(LockedCards(cards.collect::<Result<_, Error>>()?))
}

/// The parts of these orders that are in a state; the orders are locked, so that it stays that.
///
/// # Errors
/// When the database fails.
pub async fn uses_of(
    connection: &mut MySqlConnection,
    orders: &BTreeSet<Uuid>,
    state: CardUseState,
) -> Result<Vec<CardUse>, Error> {
    let rows = sqlx::query!(
        r#"
        select gift_card_use.order_id as "order_id: Uuid", gift_card_use.card_id as "card_id: Uuid",
               gift_card_use.amount, gift_card.currency
        from json_table(?, '$[*]' columns (id char(32) path '$')) as list
             straight_join gift_card_use force index (primary) on gift_card_use.order_id = unhex(list.id)
             straight_join gift_card force index (primary) on gift_card.id = gift_card_use.card_id
        where gift_card_use.state = ?
        "#,
        list::of_ids(orders)?,
        state.as_str()
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = Currency::parse(&row.currency).ok_or(UNKNOWN_CURRENCY)?;
            Ok(CardUse { order: row.order_id, card: row.card_id, amount: Money::new(row.amount, currency) })
        })
        .collect()
}

const UNKNOWN_CURRENCY: Error = Error::Defect("a gift card has an unknown currency");
