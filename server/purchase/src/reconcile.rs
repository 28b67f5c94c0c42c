//! Holding the books against each other: stock rows against holds and ledger, our payments against the bank's. It only
//! reports; what is wrong is for people to mend.

use std::collections::{HashMap, HashSet};
use std::fmt;

use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

use crate::Error;
use crate::money::{Currency, Money};
use crate::payment::{IntentState, Payment};
use crate::purchase::Purchase;
use crate::settle::attempt::AttemptState;

/// A stock row that does not say what holds and ledger say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The edition.
    pub edition: u64,
    /// Which of its figures.
    pub figure: &'static str,
    /// What the stock row says.
    pub row: i64,
    /// What the holds say.
    pub holds: i64,
    /// What the ledger says.
    pub ledger: i64,
}

/// Where the bank's books and ours differ. Amounts are in minor units of the payment's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The bank has money that no order of ours was sold for.
    PaidThereNotHere {
        /// The bank's id of the payment.
        intent: String,
        /// What the bank has taken and not given back.
        net: i64,
    },
    /// An order was sold for money that the bank does not know of.
    PaidHereNotThere {
        /// The order's number.
        order: String,
        /// What our books say was taken.
        net: i64,
    },
    /// Both know of it, and differ.
    Amounts {
        /// The order's number.
        order: String,
        /// What the bank has taken and not given back.
        there: i64,
        /// What our books say.
        here: i64,
    },
    /// An order is sold, the bank has refused its money for good, and no other payment has made up for it yet.
    SoldNotPaid {
        /// The order's number.
        order: String,
    },
    /// The bank has money for one order twice.
    Twice {
        /// The order's number.
        order: String,
        /// The bank's ids of the payments.
        intents: Vec<String>,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { edition, figure, row, holds, ledger } = self;
        write!(f, "edition {edition}: {figure} is {row} in its stock row, {holds} by the holds, {ledger} by the ledger")
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PaidThereNotHere { intent, net } => write!(f, "paid at the bank and not here: {intent}, {net}"),
            Self::PaidHereNotThere { order, net } => write!(f, "paid here and not at the bank: order {order}, {net}"),
            Self::Amounts { order, there, here } => {
                write!(f, "order {order}: {there} at the bank, {here} here")
            }
            Self::SoldNotPaid { order } => write!(f, "order {order} is sold, and its payment has failed"),
            Self::Twice { order, intents } => write!(f, "order {order} was paid twice: {}", intents.join(", ")),
        }
    }
}

/// An attempt as our books have it.
struct Ours {
    order: Uuid,
    number: String,
    state: AttemptState,
    amount: Money,
    refunded: i64,
    /// Money is on its way back, and the bank may not know of it yet.
    is_refunding: bool,
}

impl Ours {
    /// What our books say is taken and not given back; `None` while that is still being settled.
    fn net(&self) -> Option<i64> {
        match self.state {
            AttemptState::Captured if self.is_refunding => None,
            AttemptState::Captured => Some(self.amount.minor() - self.refunded),
            AttemptState::Authorised => None,
            _ => Some(0),
        }
    }
}

impl Purchase {
    /// Compares every stock row with the holds and the ledger.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reconcile_stock(&self) -> Result<Vec<Drift>, Error> {
        let rows = sqlx::query!(
            r#"
            select stock.edition_id as edition, stock.held, stock.sell_count, stock.received,
                   cast(coalesce(holds.held, 0) as signed) as "hold_held!: i64",
                   cast(coalesce(holds.sold, 0) as signed) as "hold_sold!: i64",
                   cast(coalesce(entries.held, 0) as signed) as "ledger_held!: i64",
                   cast(coalesce(entries.sold, 0) as signed) as "ledger_sold!: i64",
                   cast(coalesce(entries.received, 0) as signed) as "ledger_received!: i64"
            from stock
                 left join (select edition_id, sum(if(state = 'held', quantity, 0)) as held,
                                   sum(if(state = 'sold', quantity, 0)) as sold
                            from hold group by edition_id) as holds on holds.edition_id = stock.edition_id
                 left join (select edition_id,
                                   sum(case movement when 'held' then quantity when 'released' then -quantity
                                                     when 'sold' then -quantity else 0 end) as held,
                                   sum(if(movement = 'sold', quantity, 0)) as sold,
                                   sum(if(movement in ('received', 'returned'), quantity, 0)) as received
                            from stock_ledger group by edition_id) as entries on entries.edition_id = stock.edition_id
            "#
        )
        .fetch_all(self.database().pool())
        .await?;
        let mut drifts = Vec::new();
        for row in rows {
            for (figure, in_row, holds, ledger) in [
                ("held", row.held, row.hold_held, row.ledger_held),
                ("sell_count", row.sell_count, row.hold_sold, row.ledger_sold),
                // No hold tells what was taken in.
                ("received", row.received, row.ledger_received, row.ledger_received),
            ] {
                let in_row = i64::from(in_row);
                if in_row != holds || in_row != ledger {
                    drifts.push(Drift { edition: row.edition, figure, row: in_row, holds, ledger });
                }
            }
        }
        Ok(drifts)
    }

    /// Compares the bank's payments since a moment with ours. What is still under way is no difference.
    ///
    /// # Errors
    /// When the database or the bank fails.
    pub async fn reconcile_payments(&self, since: OffsetDateTime) -> Result<Vec<Difference>, Error> {
        // Ours are read first: whatever begins after that is in neither list's way.
        let ours = self.paid_since(since).await?;
        let theirs = self.bank().payments_since(since).await?;
        let mut differences = Vec::new();
        let mut seen: HashSet<Uuid> = HashSet::new();
        let mut by_order: HashMap<Uuid, Vec<String>> = HashMap::new();
        for payment in &theirs {
            let attempt = payment.attempt.unwrap_or_default();
            let there = net(payment);
            match ours.get(&attempt) {
                Some(mine) => {
                    seen.insert(attempt);
                    if there > 0 {
                        by_order.entry(mine.order).or_default().push(payment.id.clone());
                    }
                    if let Some(here) = mine.net().filter(|here| *here != there) {
                        differences.push(Difference::Amounts { order: mine.number.clone(), there, here });
                    }
                }
                None if there > 0 && self.is_unknown(attempt).await? => {
                    differences.push(Difference::PaidThereNotHere { intent: payment.id.clone(), net: there });
                }
                None => {}
            }
        }
        for (attempt, mine) in &ours {
            if let Some(net) = mine.net().filter(|net| *net > 0 && !seen.contains(attempt)) {
                differences.push(Difference::PaidHereNotThere { order: mine.number.clone(), net });
            }
        }
        for mine in ours.values() {
            if let Some(intents) = by_order.remove(&mine.order).filter(|intents| intents.len() > 1) {
                differences.push(Difference::Twice { order: mine.number.clone(), intents });
            }
        }
        differences.extend(self.sold_not_paid(since).await?);
        Ok(differences)
    }

    async fn sold_not_paid(&self, since: OffsetDateTime) -> Result<Vec<Difference>, Error> {
        let orders = sqlx::query_scalar!(
            r#"
            select orders.number from payment_attempt join orders on orders.id = payment_attempt.order_id
            where payment_attempt.state = 'capture_failed' and payment_attempt.created_at >= ? and orders.state = 'paid'
              and not exists (select 1 from payment_attempt as other where other.order_id = orders.id
                              and other.state in ('authorised', 'captured'))
            "#,
            utc(since)
        )
        .fetch_all(self.database().pool())
        .await?;
        Ok(orders.into_iter().map(|order| Difference::SoldNotPaid { order }).collect())
    }

    async fn paid_since(&self, since: OffsetDateTime) -> Result<HashMap<Uuid, Ours>, Error> {
        let rows = sqlx::query!(
            r#"
            select payment_attempt.id as "id: Uuid", payment_attempt.order_id as "order: Uuid", orders.number,
                   payment_attempt.state as "state: AttemptState", payment_attempt.amount, payment_attempt.refunded,
                   payment_attempt.currency,
                   exists (select 1 from refund where refund.attempt_id = payment_attempt.id
                           and refund.state in ('owed', 'pending')) as "is_refunding!: bool"
            from payment_attempt join orders on orders.id = payment_attempt.order_id
            where payment_attempt.created_at >= ?
            "#,
            utc(since)
        )
        .fetch_all(self.database().pool())
        .await?;
        rows.into_iter()
            .map(|row| {
                let currency =
                    Currency::parse(&row.currency).ok_or(Error::Defect("an attempt has an unknown currency"))?;
                let amount = Money::new(row.amount, currency);
                let (order, number, state) = (row.order, row.number, row.state);
                let (refunded, is_refunding) = (row.refunded, row.is_refunding);
                Ok((row.id, Ours { order, number, state, amount, refunded, is_refunding }))
            })
            .collect()
    }

    /// Whether no attempt of ours has this id, however old: the bank's clock and ours need not agree to the second.
    async fn is_unknown(&self, attempt: Uuid) -> Result<bool, Error> {
        let known = sqlx::query_scalar!(
            r#"select exists (select 1 from payment_attempt where id = ?) as "known!: bool""#,
            attempt
        )
        .fetch_one(self.database().pool())
        .await?;
        Ok(!known)
    }
}

/// A moment as the database keeps it.
fn utc(moment: OffsetDateTime) -> PrimitiveDateTime {
    let moment = moment.to_offset(time::UtcOffset::UTC);
    PrimitiveDateTime::new(moment.date(), moment.time())
}

fn net(payment: &Payment) -> i64 {
    if payment.state == IntentState::Captured { payment.captured - payment.refunded } else { 0 }
}
