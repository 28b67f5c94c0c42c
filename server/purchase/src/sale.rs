//! Step 3, one transaction: an authorised order becomes a sold one, and the confirmation is owed.

use std::error::Error as _;

use messages::{Line, Message, OrderConfirmed};

use crate::Error;
use crate::attempt::{self, Attempt, AttemptState};
use crate::copies::Copies;
use crate::history;
use crate::order::{self, OrderState};
use crate::purchase::Purchase;
use crate::stock;

/// What became of a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sale {
    /// Sold, by this call.
    Sold,
    /// Sold earlier, by another.
    AlreadyDone,
    /// Not to be sold: the shopper wants it cancelled, or its copies are gone. The order is to end like this.
    NotWanted(OrderState),
}

impl Purchase {
    /// Sells what the order holds, for the money of `intent`. Whoever hears first that the bank has authorised
    /// does it; the states of order, attempt and holds keep the others out.
    pub(crate) async fn sell(&self, attempt: &Attempt, intent: &str) -> Result<Sale, Error> {
        let sold = self.database().retry(|| self.sell_once(attempt, intent)).await;
        match sold {
            Ok(sale) => {
                tracing::info!(order = %attempt.order_id, outcome = ?sale, "purchase.sale");
                Ok(sale)
            }
            Err(error) => {
                // An unknown COMMIT is settled by the next look: the guards then say what is stored.
                tracing::error!(order = %attempt.order_id, error = %error, cause = error.source().map(tracing::field::display), "a sale failed");
                Err(error)
            }
        }
    }

    async fn sell_once(&self, attempt: &Attempt, intent: &str) -> Result<Sale, Error> {
        let mut tx = self.database().begin().await?;
        let result = self.sell_in(&mut tx, attempt, intent).await;
        tx.end(result).await
    }

    async fn sell_in(&self, tx: &mut database::Transaction, attempt: &Attempt, intent: &str) -> Result<Sale, Error> {
        let locked = order::lock(tx, attempt.order_id).await?;
        match locked.state {
            OrderState::AwaitingPayment if locked.cancel_wished => {
                return Ok(Sale::NotWanted(OrderState::Cancelled));
            }
            OrderState::AwaitingPayment => {}
            OrderState::Paid => return Ok(Sale::AlreadyDone),
            OrderState::InDoubt => return Ok(Sale::NotWanted(OrderState::Expired)),
            ended @ (OrderState::Expired | OrderState::Cancelled | OrderState::Declined) => {
                return Ok(Sale::NotWanted(ended));
            }
        }
        let authorised = AttemptState::Authorised;
        if !attempt::step(tx, attempt.id, AttemptState::Open, authorised, Some(intent)).await? {
            return Ok(Sale::AlreadyDone);
        }
        order::step(tx, &locked, OrderState::Paid, "bank").await?;
        let copies: Vec<Copies> = sqlx::query_as!(
            Copies,
            r#"
            select edition_id as edition, quantity from hold
            where order_id = ? and state = 'held' order by edition_id for update
            "#,
            locked.id
        )
        .fetch_all(&mut **tx)
        .await?;
        let ended = sqlx::query!(
            "update hold set state = 'sold', ended_at = utc_timestamp(6) where order_id = ? and state = 'held'",
            locked.id
        )
        .execute(&mut **tx)
        .await?;
        let sold = history::order_in(tx, locked.id).await?;
        if copies.len() != sold.lines.len() || ended.rows_affected() != copies.len() as u64 {
            return Err(Error::Defect("an order that awaits payment without its holds"));
        }
        outbox::insert(tx, locked.id, &self.confirmation(&sold)).await?;
        for copies in copies {
            stock::sell(tx, locked.id, copies, "bank").await?;
        }
        Ok(Sale::Sold)
    }

    fn confirmation(&self, order: &order::Order) -> Message {
        let [name, street, town, country] = order.address.clone();
        Message::OrderConfirmed(OrderConfirmed {
            order_number: order.number.clone(),
            order_url: format!("{}/order/{}", self.settings().public_url, order.link),
            email: order.email.clone(),
            name: name.clone(),
            address: vec![name, street, town, country],
            lines: order
                .lines
                .iter()
                .map(|line| Line {
                    title: line.title.clone(),
                    quantity: line.quantity.unsigned_abs(),
                    unit_price: line.unit_price.minor(),
                    total: line.total.minor(),
                })
                .collect(),
            total: order.total.minor(),
            currency: order.total.currency().code().to_owned(),
        })
    }
}
