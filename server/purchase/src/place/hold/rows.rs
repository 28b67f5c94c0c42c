//! The rows of new orders, a statement per table for the whole batch.

use serde::Serialize;
use sqlx::MySqlConnection;

use super::{NewLine, NewOrder};
use crate::Error;
use crate::list::{self, Hex};
use crate::order::{self, Step};
use crate::settle::attempt;

#[derive(Serialize)]
struct OrderRow<'a> {
    id: Hex<'a>,
    number: &'a str,
    link: Hex<'a>,
    shopper: Hex<'a>,
    basket: Hex<'a>,
    version: u32,
    token: Hex<'a>,
    total: i64,
    currency: &'static str,
    collect: bool,
    goods: i64,
    discount: i64,
    shipping: i64,
    gift_card: i64,
    discount_code: Option<&'a str>,
    email: &'a str,
    name: &'a str,
    street: &'a str,
    postcode: &'a str,
    city: &'a str,
    country: &'a str,
}

#[derive(Serialize)]
struct LineRow<'a> {
    order: Hex<'a>,
    position: usize,
    #[serde(flatten)]
    line: &'a NewLine,
    hold_ends: String,
}

#[derive(Serialize)]
struct VatRow<'a> {
    order: Hex<'a>,
    basis_points: u32,
    gross: i64,
    vat: i64,
}

fn vat_rows(order: &NewOrder) -> impl Iterator<Item = VatRow<'_>> {
    order.total.vat.iter().map(|part| VatRow {
        order: Hex(order.id.as_bytes()),
        basis_points: part.basis_points,
        gross: part.gross.minor(),
        vat: part.vat.minor(),
    })
}

/// Writes new orders down.
pub(super) async fn insert(tx: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<(), Error> {
    if orders.is_empty() {
        return Ok(());
    }
    let rows: Vec<OrderRow<'_>> = orders
        .iter()
        .map(|order| OrderRow {
            id: Hex(order.id.as_bytes()),
            number: &order.number,
            link: Hex(order.link.0.as_bytes()),
            shopper: Hex(order.shopper.as_bytes()),
            basket: Hex(order.basket.as_bytes()),
            version: order.version,
            token: Hex(order.token.as_bytes()),
            total: order.total.total.minor(),
            currency: order.total.total.currency().code(),
            collect: order.delivery.collect,
            goods: order.total.goods.minor(),
            discount: order.total.discount.minor(),
            shipping: order.total.shipping.minor(),
            gift_card: order.total.gift_card.minor(),
            discount_code: order.discount_code.as_deref(),
            email: &order.contact.email,
            name: &order.contact.name,
            street: &order.contact.street,
            postcode: &order.contact.postcode,
            city: &order.contact.city,
            country: &order.delivery.country,
        })
        .collect();
    sqlx::query!(
        r#"
        insert into orders (id, number, link, shopper_id, basket_id, basket_version, token, state, total, currency,
                            delivery, goods, discount, shipping, gift_card, discount_code, email, name, street, postcode, city, country)
        select unhex(list.id), list.number, unhex(list.link), unhex(list.shopper), unhex(list.basket), list.version,
               unhex(list.token), 'awaiting_payment', list.total, list.currency,
               if(list.collect, 'collect', 'ship'), list.goods, list.discount, list.shipping, list.gift_card,
               list.discount_code, list.email, list.name, list.street,
               list.postcode, list.city, list.country
        from json_table(?, '$[*]' columns (
                 id char(32) path '$.id', number char(9) path '$.number', link char(32) path '$.link',
                 shopper char(32) path '$.shopper', basket char(32) path '$.basket',
                 version int unsigned path '$.version', token char(64) path '$.token', total bigint path '$.total',
                 currency char(3) path '$.currency', collect bool path '$.collect', goods bigint path '$.goods',
                 discount bigint path '$.discount', shipping bigint path '$.shipping',
                 gift_card bigint path '$.gift_card', discount_code varchar(40) path '$.discount_code', email varchar(254) path '$.email',
                 name varchar(200) path '$.name', street varchar(200) path '$.street',
                 postcode varchar(20) path '$.postcode', city varchar(120) path '$.city',
                 country char(2) path '$.country')) as list
        "#,
        list::of(&rows)?
    )
    .execute(&mut *tx)
    .await?;
    let mut lines = Vec::new();
    for order in orders {
        let hold_ends = list::moment(order.hold_ends)?;
        lines.extend(order.lines.iter().enumerate().map(|(position, line)| LineRow {
            order: Hex(order.id.as_bytes()),
            position,
            line,
            hold_ends: hold_ends.clone(),
        }));
    }
    let lines = list::of(&lines)?;
    sqlx::query!(
        r#"
        insert into order_line (order_id, edition_id, position, title, quantity, unit_price, discount)
        select unhex(list.order_id), list.edition_id, list.position, list.title, list.quantity, list.unit_price,
               list.discount
        from json_table(?, '$[*]' columns (
                 order_id char(32) path '$.order', edition_id bigint unsigned path '$.edition',
                 position smallint unsigned path '$.position', title varchar(500) path '$.title',
                 quantity int path '$.quantity', unit_price bigint path '$.unit_price',
                 discount bigint path '$.discount')) as list
        "#,
        lines
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"
        insert into hold (order_id, edition_id, quantity, expires_at)
        select unhex(list.order_id), list.edition_id, list.quantity, list.hold_ends
        from json_table(?, '$[*]' columns (
                 order_id char(32) path '$.order', edition_id bigint unsigned path '$.edition',
                 quantity int path '$.quantity', hold_ends datetime(6) path '$.hold_ends')) as list
        "#,
        lines
    )
    .execute(&mut *tx)
    .await?;
    let vat: Vec<VatRow<'_>> = orders.iter().flat_map(|order| vat_rows(order)).collect();
    sqlx::query!(
        r#"
        insert into order_vat (order_id, basis_points, gross, vat)
        select unhex(list.order_id), list.basis_points, list.gross, list.vat
        from json_table(?, '$[*]' columns (
                 order_id char(32) path '$.order', basis_points int unsigned path '$.basis_points',
                 gross bigint path '$.gross', vat bigint path '$.vat')) as list
        "#,
        list::of(&vat)?
    )
    .execute(&mut *tx)
    .await?;
    let steps: Vec<Step> = orders.iter().map(|order| Step::first(order.id)).collect();
    order::write_events(tx, &steps, "shopper").await?;
    attempt::insert(tx, &orders.iter().map(|order| &order.attempt).collect::<Vec<_>>()).await
}

/// Takes the rows of orders away again that were written in this transaction.
pub(super) async fn delete(tx: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<(), Error> {
    if orders.is_empty() {
        return Ok(());
    }
    let ids = list::of_ids(orders.iter().map(|order| &order.id))?;
    sqlx::query!(
        r#"
        delete payment_attempt, order_event, hold, order_vat, order_line
        from json_table(?, '$[*]' columns (id char(32) path '$')) as list
             straight_join order_line on order_line.order_id = unhex(list.id)
             straight_join hold on hold.order_id = order_line.order_id and hold.edition_id = order_line.edition_id
             straight_join order_vat on order_vat.order_id = order_line.order_id
             straight_join order_event on order_event.order_id = order_line.order_id
             straight_join payment_attempt on payment_attempt.order_id = order_line.order_id
        "#,
        ids
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"
        delete orders from json_table(?, '$[*]' columns (id char(32) path '$')) as list
             straight_join orders force index (primary) on orders.id = unhex(list.id)
        "#,
        ids
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}
