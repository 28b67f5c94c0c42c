//! An order in doubt whose payment is found after all: its copies, its discount code and its
//! part of a gift card, which were released while the bank was silent, are held anew, and it is sold as any other.

use std::collections::BTreeSet;

use sqlx::MySqlConnection;

use crate::Error;
use crate::order::{self, OrderState, Step};
use crate::purchase::Purchase;
use crate::settle::attempt::Attempt;
use crate::settle::sale::Sale;
use crate::stock::copies::Copies;
use crate::stock::ledger::Movement;
use crate::stock::{self, Move};
use crate::total::redeem;

impl Purchase {
    /// As [`sell`](Self::sell), for an order in doubt too, if all that it needs can be held anew.
    pub(crate) async fn sell_or_hold_anew(&self, attempt: &Attempt, intent: &str) -> Result<Sale, Error> {
        let sale = self.sell(attempt, intent).await?;
        if sale == Sale::InDoubt && self.hold_anew(attempt).await? {
            return self.sell(attempt, intent).await;
        }
        Ok(sale)
    }

    /// Whether the order holds all of it again; where something is gone, nothing is changed.
    async fn hold_anew(&self, attempt: &Attempt) -> Result<bool, Error> {
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                match hold_anew(&mut tx, attempt).await {
                    Ok(false) => {
                        tx.roll_back().await;
                        Ok(false)
                    }
                    held => tx.end_at("purchase::hold_anew", held).await,
                }
            })
            .await
    }
}

/// In the order of locks: the order, its new holds, what it redeems, stock.
async fn hold_anew(tx: &mut MySqlConnection, attempt: &Attempt) -> Result<bool, Error> {
    let order = order::lock(tx, attempt.order_id).await?;
    if order.state != OrderState::InDoubt || order.cancel_wished {
        // Where another process was faster, the next look at the attempt finds out.
        return Ok(order.state == OrderState::AwaitingPayment);
    }
    order::step(tx, &[Step::next(&order, OrderState::AwaitingPayment)?], "bank").await?;
    let copies: Vec<Copies> = sqlx::query_as!(
        Copies,
        "select edition_id as edition, quantity from order_line where order_id = ? order by edition_id",
        order.id
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        r#"
        insert into hold (order_id, edition_id, number, quantity, expires_at)
        select order_id, edition_id, max(number) + 1, max(quantity), utc_timestamp(6)
        from hold where order_id = ? group by order_id, edition_id
        "#,
        order.id
    )
    .execute(&mut *tx)
    .await?;
    if order.redeems && !redeem::hold_again(tx, order.id, "bank").await? {
        return Ok(false);
    }
    let editions: BTreeSet<u64> = copies.iter().map(|copies| copies.edition).collect();
    let locked = stock::lock(tx, &editions).await?;
    if copies.iter().any(|copies| locked.available(copies.edition) < copies.quantity) {
        return Ok(false);
    }
    let moves: Vec<Move> = copies.into_iter().map(|copies| Move { order: order.id, copies }).collect();
    stock::change(tx, &locked, Movement::Held, &moves, "bank").await?;
    Ok(true)
}
