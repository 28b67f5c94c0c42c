//! The letters that confirm orders: they carry all that they print.

use std::collections::HashMap;

use messages::{Line, Message, OrderConfirmed, Vat};
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::order::OrderLink;
use crate::place::country::country_name;
use crate::purchase::Settings;
use crate::stock::Move;
use crate::stock::copies::Copies;
use crate::{Error, list};

/// The confirmations of these orders, and the copies that they take.
pub(super) async fn letters(
    tx: &mut MySqlConnection,
    orders: impl IntoIterator<Item = &Uuid>,
    settings: &Settings,
) -> Result<(Vec<(Uuid, Message)>, Vec<Move>), Error> {
    let ids = &list::of_ids(orders)?;
    let (mut lines, moves) = lines(tx, ids).await?;
    let mut vat = vat(tx, ids).await?;
    let orders = sqlx::query!(
        r#"
        select orders.id as "id: Uuid", orders.number, orders.link as "link: Uuid", orders.total, orders.currency,
               orders.delivery = 'collect' as "collected!: bool", orders.goods, orders.discount, orders.shipping,
               orders.gift_card, orders.email, orders.name, orders.street, orders.postcode, orders.city, orders.country
        from json_table(?, '$[*]' columns (id char(32) path '$')) as list
             straight_join orders force index (primary) on orders.id = unhex(list.id)
        "#,
        ids
    )
    .fetch_all(tx)
    .await?;
    let letters = orders.into_iter().map(|order| {
        let address = match &settings.collect_at {
            Some(collect_at) if order.collected => vec![order.name.clone(), collect_at.clone()],
            _ => vec![
                order.name.clone(),
                order.street,
                format!("{} {}", order.postcode, order.city),
                country_name(&order.country).to_owned(),
            ],
        };
        let letter = OrderConfirmed {
            order_number: order.number,
            order_url: format!("{}/order/{}", settings.public_url, OrderLink(order.link)),
            email: order.email,
            name: order.name,
            address,
            collected: order.collected,
            lines: lines.remove(&order.id).unwrap_or_default(),
            goods: order.goods,
            discount: order.discount,
            shipping: order.shipping,
            total: order.total,
            vat: vat.remove(&order.id).unwrap_or_default(),
            gift_card: order.gift_card,
            currency: order.currency,
        };
        (order.id, Message::OrderConfirmed(letter))
    });
    Ok((letters.collect(), moves))
}

async fn lines(tx: &mut MySqlConnection, ids: &str) -> Result<(HashMap<Uuid, Vec<Line>>, Vec<Move>), Error> {
    let rows = sqlx::query!(
        r#"
        select order_line.order_id as "order_id: Uuid", order_line.edition_id, order_line.title,
               order_line.quantity, order_line.unit_price
        from json_table(?, '$[*]' columns (id char(32) path '$')) as list
             straight_join order_line force index (primary) on order_line.order_id = unhex(list.id)
        order by order_line.order_id, order_line.position
        "#,
        ids
    )
    .fetch_all(tx)
    .await?;
    let mut moves = Vec::with_capacity(rows.len());
    let mut lines: HashMap<Uuid, Vec<Line>> = HashMap::new();
    for row in rows {
        let copies = Copies { edition: row.edition_id, quantity: row.quantity };
        moves.push(Move { order: row.order_id, copies });
        lines.entry(row.order_id).or_default().push(Line {
            title: row.title,
            quantity: row.quantity.unsigned_abs(),
            unit_price: row.unit_price,
            total: row
                .unit_price
                .checked_mul(i64::from(row.quantity))
                .ok_or(Error::Defect("an ordered line's total overflows"))?,
        });
    }
    Ok((lines, moves))
}

async fn vat(tx: &mut MySqlConnection, ids: &str) -> Result<HashMap<Uuid, Vec<Vat>>, Error> {
    let rows = sqlx::query!(
        r#"
        select order_vat.order_id as "order_id: Uuid", order_vat.basis_points, order_vat.vat
        from json_table(?, '$[*]' columns (id char(32) path '$')) as list
             straight_join order_vat force index (primary) on order_vat.order_id = unhex(list.id)
        order by order_vat.order_id, order_vat.basis_points
        "#,
        ids
    )
    .fetch_all(tx)
    .await?;
    let mut vat: HashMap<Uuid, Vec<Vat>> = HashMap::new();
    for row in rows {
        vat.entry(row.order_id).or_default().push(Vat { basis_points: row.basis_points, amount: row.vat });
    }
    Ok(vat)
}
