//! Orders as their pages read them.

use identity::{Customer, OrderHolder};
use sqlx::MySqlConnection;
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::Error;
use crate::money::{Currency, Money};
use crate::order::{Order, OrderLine, OrderLink, OrderState, OrderTotal, PaymentPage, Returned};
use crate::place::country::country_name;
use crate::purchase::Purchase;
use crate::total::VatPart;

/// The most orders that one look at the history shows.
const MOST_ORDERS: u32 = 100;

/// An order in a list.
#[derive(Clone, Debug)]
pub struct OrderSummary {
    /// The number that people read.
    pub number: String,
    /// The address of its page.
    pub link: OrderLink,
    /// How far it has come.
    pub state: OrderState,
    /// Whether it is sold and its payment has failed, so that it waits for another one.
    pub payment_failed: bool,
    /// What it costs.
    pub total: Money,
    /// UTC.
    pub created_at: PrimitiveDateTime,
}

impl Purchase {
    /// The order that this caller holds the link to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn order(&self, holder: OrderHolder) -> Result<Option<Order>, Error> {
        let mut connection = self.database().pool().acquire().await?;
        let id = sqlx::query!(r#"select id as "id: Uuid" from orders where link = ?"#, holder.link())
            .fetch_optional(&mut *connection)
            .await?;
        match id {
            Some(row) => order_in(&mut connection, row.id).await.map(Some),
            None => Ok(None),
        }
    }

    /// A customer's orders, newest first, those made as a guest in the same browser and those claimed by their address
    /// among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn orders_of(&self, customer: &Customer) -> Result<Vec<OrderSummary>, Error> {
        let rows = sqlx::query!(
            r#"
            select orders.number, orders.link as "link: Uuid", orders.state as "state: OrderState", orders.total,
                   orders.currency, orders.created_at,
                   orders.state = 'paid'
                       and exists (select 1 from payment_attempt where payment_attempt.order_id = orders.id
                                   and payment_attempt.state in ('creating', 'open')) as "payment_failed!: bool"
            from (select orders.id from shopper join orders on orders.shopper_id = shopper.id
                  where shopper.customer_id = ?
                  union
                  select id from orders where claimed_by = ?) as own
                 straight_join orders force index (primary) on orders.id = own.id
            order by orders.created_at desc limit ?
            "#,
            customer.id().as_uuid(),
            customer.id().as_uuid(),
            MOST_ORDERS
        )
        .fetch_all(self.database().pool())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(OrderSummary {
                    number: row.number,
                    link: OrderLink(row.link),
                    state: row.state,
                    payment_failed: row.payment_failed,
                    total: money(row.total, &row.currency)?,
                    created_at: row.created_at,
                })
            })
            .collect()
    }
}

/// Reads an order with its lines on this connection, so that a transaction sees its own.
pub(crate) async fn order_in(connection: &mut MySqlConnection, id: Uuid) -> Result<Order, Error> {
    let row = sqlx::query!(
        r#"
        select orders.number, orders.link as "link: Uuid", orders.state as "state: OrderState", orders.total,
               orders.currency, orders.delivery = 'collect' as "collected!: bool", orders.goods, orders.discount,
               orders.shipping, orders.gift_card, orders.discount_code, orders.email, orders.name, orders.street, orders.postcode, orders.city, orders.country,
               orders.cancel_wished_at is not null as "cancel_wished!: bool", orders.created_at,
               payment_attempt.session_url as "session_url?", payment_attempt.expires_at as "expires_at?"
        from orders left join payment_attempt
             on payment_attempt.order_id = orders.id and payment_attempt.state in ('creating', 'open')
        where orders.id = ?
        "#,
        id
    )
    .fetch_one(&mut *connection)
    .await?;
    let lines = sqlx::query!(
        "select edition_id, title, quantity, unit_price from order_line where order_id = ? order by position",
        id
    )
    .fetch_all(&mut *connection)
    .await?;
    let lines = lines
        .into_iter()
        .map(|line| {
            let unit_price = money(line.unit_price, &row.currency)?;
            let total = unit_price.times(line.quantity).ok_or(Error::Defect("an ordered line's total overflows"))?;
            Ok(OrderLine { edition: line.edition_id, title: line.title, quantity: line.quantity, unit_price, total })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let returned = sqlx::query!(
        r#"
        select amount, state = 'done' as "done!: bool" from refund
        where order_id = ? and state <> 'failed' order by created_at
        "#,
        id
    )
    .fetch_all(&mut *connection)
    .await?;
    let returned = returned
        .into_iter()
        .map(|row_back| Ok(Returned { amount: money(row_back.amount, &row.currency)?, done: row_back.done }))
        .collect::<Result<Vec<_>, Error>>()?;
    let disputed = sqlx::query_scalar!(
        r#"
        select exists (select 1 from dispute join payment_attempt on payment_attempt.id = dispute.attempt_id
                       where payment_attempt.order_id = ? and dispute.state not in ('won', 'warning_closed'))
            as "disputed!: bool"
        "#,
        id
    )
    .fetch_one(&mut *connection)
    .await?;
    let vat = vat_of(connection, id, &row.currency).await?;
    // A sold order has an attempt that may yet be paid only where the money of the first never came.
    let payment_failed = row.state == OrderState::Paid && row.expires_at.is_some();
    let open = (row.state == OrderState::AwaitingPayment || payment_failed) && !row.cancel_wished;
    let payment = row.session_url.zip(row.expires_at).filter(|_| open);
    Ok(Order {
        number: row.number,
        link: OrderLink(row.link),
        state: row.state,
        cancel_wished: row.cancel_wished,
        payment_failed,
        payment: payment.map(|(url, expires_at)| PaymentPage { url, expires_at }),
        lines,
        total: OrderTotal {
            goods: money(row.goods, &row.currency)?,
            discount: money(row.discount, &row.currency)?,
            discount_code: row.discount_code,
            shipping: money(row.shipping, &row.currency)?,
            total: money(row.total, &row.currency)?,
            vat,
            gift_card: money(row.gift_card, &row.currency)?,
        },
        returned,
        disputed,
        email: row.email,
        address: if row.collected {
            vec![row.name]
        } else {
            let town = format!("{} {}", row.postcode, row.city);
            vec![row.name, row.street, town, country_name(&row.country).to_owned()]
        },
        collected: row.collected,
        created_at: row.created_at,
    })
}

async fn vat_of(connection: &mut MySqlConnection, order: Uuid, currency: &str) -> Result<Vec<VatPart>, Error> {
    let rows =
        sqlx::query!("select basis_points, gross, vat from order_vat where order_id = ? order by basis_points", order)
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|row| {
            let (gross, vat) = (money(row.gross, currency)?, money(row.vat, currency)?);
            Ok(VatPart { basis_points: row.basis_points, gross, vat })
        })
        .collect()
}

fn money(minor: i64, currency: &str) -> Result<Money, Error> {
    let currency = Currency::parse(currency).ok_or(Error::Defect("an order has an unknown currency"))?;
    Ok(Money::new(minor, currency))
}
