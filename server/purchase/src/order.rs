//! An order: its states, every step from one to the next, and what its page shows.

use std::fmt;

use rand::RngExt;
use sqlx::MySqlConnection;
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::Error;
use crate::money::Money;

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
            Self::InDoubt => "in_doubt",
        }
    }

    /// Whether an order may go from this state to `to`.
    pub(crate) fn may_become(self, to: Self) -> bool {
        use OrderState::{AwaitingPayment, Cancelled, Declined, Expired, InDoubt, Paid};
        matches!(
            (self, to),
            (AwaitingPayment, Paid | Expired | Cancelled | Declined | InDoubt) | (InDoubt, Paid | Expired)
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
    /// Where the shopper can pay, while that is possible.
    pub payment: Option<PaymentPage>,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// What it costs.
    pub total: Money,
    /// Where its mails go.
    pub email: String,
    /// Recipient, street, postcode and town, country.
    pub address: [String; 4],
    /// UTC.
    pub created_at: PrimitiveDateTime,
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
    pub shopper_id: Uuid,
    pub basket_id: Uuid,
    pub basket_version: u32,
}

/// Locks an order until the transaction ends.
pub(crate) async fn lock(connection: &mut MySqlConnection, order: Uuid) -> Result<LockedOrder, Error> {
    let locked = sqlx::query_as!(
        LockedOrder,
        r#"
        select id as "id: Uuid", state as "state: OrderState", cancel_wished_at is not null as "cancel_wished!: bool",
               shopper_id as "shopper_id: Uuid", basket_id as "basket_id: Uuid", basket_version
        from orders where id = ? for update
        "#,
        order
    )
    .fetch_one(connection)
    .await?;
    Ok(locked)
}

/// Takes a locked order to another state and writes the step down. The only place that changes an order's state.
pub(crate) async fn step(
    connection: &mut MySqlConnection,
    order: &LockedOrder,
    to: OrderState,
    by: &str,
) -> Result<(), Error> {
    if !order.state.may_become(to) {
        return Err(Error::Defect("an order was to take an impossible step"));
    }
    let changed = sqlx::query!(
        "update orders set state = ? where id = ? and state = ?",
        to.as_str(),
        order.id,
        order.state.as_str()
    )
    .execute(&mut *connection)
    .await?;
    if changed.rows_affected() != 1 {
        return Err(Error::Defect("an order changed under its lock"));
    }
    write_event(connection, order.id, order.state.as_str(), to.as_str(), by).await
}

/// Writes a step of an order down; `from` is empty for the first.
pub(crate) async fn write_event(
    connection: &mut MySqlConnection,
    order: Uuid,
    from: &str,
    to: &str,
    by: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into order_event (order_id, from_state, to_state, by_whom) values (?, ?, ?, ?)",
        order,
        from,
        to,
        by
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_has_ended_takes_no_further_step() {
        use OrderState::*;
        let all = [AwaitingPayment, Paid, Expired, Cancelled, Declined, InDoubt];
        for end in [Paid, Expired, Cancelled, Declined] {
            assert!(all.iter().all(|to| !end.may_become(*to)));
        }
        assert!(all.iter().all(|from| !from.may_become(AwaitingPayment)));
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
