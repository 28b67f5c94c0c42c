//! An order: its states, every step from one to the next, and what its page shows.

pub mod cancel;
mod claim;
pub mod history;

use std::collections::BTreeSet;
use std::fmt;

use rand::RngExt;
use serde::Serialize;
use sqlx::MySqlConnection;
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::Error;
use crate::list::{self, Hex};
use crate::money::Money;
use crate::total::VatPart;

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum OrderState {
    /// Copies are held; the bank has not spoken yet.
    AwaitingPayment,
    /// Paid and sold.
    Paid,
    /// Not paid in time; the copies are back on the shelf.
    Expired,
    /// Given up by the shopper before it was paid.
    Cancelled,
    /// The bank refused.
    Declined,
    /// Given up by the shopper after it was paid; the money goes back.
    Refunded,
    /// Sold, but its money never came: the payment failed, and was not made up for in time.
    Reversed,
    /// The bank was silent for so long that the copies were released; not an end.
    InDoubt,
}

impl OrderState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting_payment",
            Self::Paid => "paid",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Declined => "declined",
            Self::Refunded => "refunded",
            Self::Reversed => "reversed",
            Self::InDoubt => "in_doubt",
        }
    }

    /// Whether an order may go from this state to `to`; the table `order_transition` says the same.
    pub(crate) fn may_become(self, to: Self) -> bool {
        use OrderState::{AwaitingPayment, Cancelled, Declined, Expired, InDoubt, Paid, Refunded, Reversed};
        matches!(
            (self, to),
            (AwaitingPayment, Paid | Expired | Cancelled | Declined | InDoubt)
                | (InDoubt, AwaitingPayment | Expired)
                | (Paid, Refunded | Reversed)
        )
    }
}

/// The 128-bit address of an order's page: whoever holds it may see the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderLink(pub(crate) Uuid);

impl OrderLink {
    /// A new one that nobody can guess.
    pub(crate) fn random() -> Self {
        Self(Uuid::from_u128(rand::rng().random()))
    }
}

impl fmt::Display for OrderLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.simple())
    }
}

/// A number that people can read out on the phone and that does not tell how many orders there are: eight of
/// Crockford's 32 letters and digits, in two groups.
pub(crate) fn random_number() -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut rng = rand::rng();
    let mut group = || -> String { (0..4).map(|_| char::from(DIGITS[rng.random_range(0..DIGITS.len())])).collect() };
    format!("{}-{}", group(), group())
}

/// An order, as its page shows it.
#[derive(Clone, Debug)]
pub struct Order {
    /// The number that people read.
    pub number: String,
    /// The address of its page.
    pub link: OrderLink,
    /// How far it has come.
    pub state: OrderState,
    /// Whether the shopper wants it cancelled and the bank has not closed the payment yet.
    pub cancel_wished: bool,
    /// Whether it is sold and its payment has failed, so that it waits for another one.
    pub payment_failed: bool,
    /// Where the shopper can pay, while that is possible.
    pub payment: Option<PaymentPage>,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// What it costs.
    pub total: OrderTotal,
    /// What has gone back of that, or is on its way.
    pub returned: Vec<Returned>,
    /// Whether its payment is disputed at the bank.
    pub disputed: bool,
    /// Where its mails go.
    pub email: String,
    /// Recipient, street, postcode and town, country; the recipient alone where it is collected in the shop.
    pub address: Vec<String>,
    /// Whether it is collected in the shop.
    pub collected: bool,
    /// UTC.
    pub created_at: PrimitiveDateTime,
}

/// What an order costs, as it was reckoned when it was placed: `goods - discount + shipping = total`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderTotal {
    /// All lines.
    pub goods: Money,
    /// What the discount code took off.
    pub discount: Money,
    /// The code.
    pub discount_code: Option<String>,
    /// What delivery costs.
    pub shipping: Money,
    /// What is paid in all.
    pub total: Money,
    /// The VAT in it, by ascending rates.
    pub vat: Vec<VatPart>,
    /// The part of it that a gift card pays.
    pub gift_card: Money,
}

/// Money that goes back to the shopper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// How much.
    pub amount: Money,
    /// Whether the bank has given it back; else it is on its way.
    pub done: bool,
}

/// The bank's page for an order.
#[derive(Clone, Debug)]
pub struct PaymentPage {
    /// Its address at the bank.
    pub url: String,
    /// When the bank closes it, UTC.
    pub expires_at: PrimitiveDateTime,
}

/// One line of an order, in the words and at the price that the shopper saw.
#[derive(Clone, Debug)]
pub struct OrderLine {
    /// The edition's id in the catalogue.
    pub edition: u64,
    /// Its title then.
    pub title: String,
    /// Copies ordered.
    pub quantity: i32,
    /// The price of one copy.
    pub unit_price: Money,
    /// The price of all of them.
    pub total: Money,
}

/// A locked order: what a transition has to know.
pub(crate) struct LockedOrder {
    pub id: Uuid,
    pub state: OrderState,
    pub cancel_wished: bool,
    pub total: i64,
    /// The part of the total that a gift card pays.
    pub gift_card: i64,
    /// Whether it redeems a discount code or a gift card.
    pub redeems: bool,
    pub shopper_id: Uuid,
    pub basket_id: Uuid,
    pub basket_version: u32,
}

/// Locks an order until the transaction ends.
pub(crate) async fn lock(connection: &mut MySqlConnection, order: Uuid) -> Result<LockedOrder, Error> {
    let locked = lock_all(connection, &BTreeSet::from([order])).await?;
    locked.into_iter().next().ok_or(Error::Defect("an order that is not there"))
}

/// Locks orders, in the order of their ids, until the transaction ends.
pub(crate) async fn lock_all(
    connection: &mut MySqlConnection,
    orders: &BTreeSet<Uuid>,
) -> Result<Vec<LockedOrder>, Error> {
    let locked = sqlx::query_as!(
        LockedOrder,
        r#"
        select orders.id as "id: Uuid", orders.state as "state: OrderState",
               orders.cancel_wished_at is not null as "cancel_wished!: bool", orders.total,
               orders.gift_card, orders.gift_card > 0 or orders.discount_code is not null as "redeems!: bool",
               orders.shopper_id as "shopper_id: Uuid", orders.basket_id as "basket_id: Uuid", orders.basket_version
        from (select unhex(list.id) as id from json_table(?, '$[*]' columns (id char(32) path '$')) as list
              limit 1000000) as wanted
             straight_join orders force index (primary) on orders.id = wanted.id
        for update
        "#,
        list::of_ids(orders)?
    )
    .fetch_all(connection)
    .await?;
    Ok(locked)
}

/// A step of an order from one state to the next; from nothing for a new one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    order: Uuid,
    from: Option<OrderState>,
    to: OrderState,
}

impl Step {
    /// A new order's first.
    pub(crate) fn first(order: Uuid) -> Self {
        Self { order, from: None, to: OrderState::AwaitingPayment }
    }

    /// A locked order's next.
    pub(crate) fn next(order: &LockedOrder, to: OrderState) -> Result<Self, Error> {
        if !order.state.may_become(to) {
            return Err(Error::Defect("an order was to take an impossible step"));
        }
        Ok(Self { order: order.id, from: Some(order.state), to })
    }
}

#[derive(Serialize)]
struct StepRow<'a> {
    order: Hex<'a>,
    from: &'static str,
    to: &'static str,
}

/// Takes locked orders to their next states and writes the steps down. The only place that changes an order's state.
pub(crate) async fn step(connection: &mut MySqlConnection, steps: &[Step], by: &str) -> Result<(), Error> {
    if steps.is_empty() {
        return Ok(());
    }
    let changed = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (
                   id char(32) path '$.order', from_state varchar(20) path '$.from',
                   to_state varchar(20) path '$.to')) as list
               straight_join orders force index (primary) on orders.id = unhex(list.id)
        set orders.state = list.to_state where orders.state = list.from_state collate utf8mb4_unicode_ci
        "#,
        list::of(&rows(steps))?
    )
    .execute(&mut *connection)
    .await?;
    if changed.rows_affected() != steps.len() as u64 {
        return Err(Error::Defect("an order changed under its lock"));
    }
    write_events(connection, steps, by).await
}

/// Writes steps of orders down.
pub(crate) async fn write_events(connection: &mut MySqlConnection, steps: &[Step], by: &str) -> Result<(), Error> {
    sqlx::query!(
        r#"
        insert into order_event (order_id, from_state, to_state, by_whom)
        select unhex(list.id), list.from_state, list.to_state, ?
        from json_table(?, '$[*]' columns (
                 id char(32) path '$.order', from_state varchar(20) path '$.from',
                 to_state varchar(20) path '$.to')) as list
        "#,
        by,
        list::of(&rows(steps))?
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn rows(steps: &[Step]) -> Vec<StepRow<'_>> {
    steps
        .iter()
        .map(|step| StepRow {
            order: Hex(step.order.as_bytes()),
            from: step.from.map_or("", OrderState::as_str),
            to: step.to.as_str(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_has_ended_takes_no_further_step() {
        use OrderState::*;
        let all = [AwaitingPayment, Paid, Expired, Cancelled, Declined, InDoubt, Refunded, Reversed];
        for end in [Expired, Cancelled, Declined, Refunded, Reversed] {
            assert!(all.iter().all(|to| !end.may_become(*to)));
        }
        assert!(all.iter().all(|from| *from == InDoubt || !from.may_become(AwaitingPayment)));
    }

    #[test]
    fn a_link_makes_its_holder_and_is_never_the_same_twice() {
        let link = OrderLink::random();
        let holder = identity::OrderHolder::of_link(&link.to_string()).unwrap();
        assert_eq!(holder.link(), link.0);
        assert_ne!(OrderLink::random(), link);
    }

    #[test]
    fn numbers_can_be_read_out() {
        let number = random_number();
        assert_eq!(number.len(), 9);
        assert!(!number.contains(['I', 'L', 'O', 'U']));
    }
}
