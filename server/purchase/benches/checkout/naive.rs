//! The naive design: the stock row stays locked while the bank is asked. Right, and as fast as one payment after another.

use purchase::Error;
use uuid::Uuid;

use crate::bank::AgreeingBank;
use crate::shop::{Buyer, Shop};

/// Buys what is in the basket. The bank is called three times as in the other arms, once of them under the lock.
pub async fn buy(shop: &Shop, buyer: &Buyer) -> Result<(), Error> {
    AgreeingBank::answer().await;
    let mut tx = shop.database.begin().await?;
    let (order, link, attempt) = (Uuid::now_v7(), Uuid::new_v4(), Uuid::now_v7());
    let bought = async {
        let available: i64 = sqlx::query_scalar(
            "select cast(received + allowance - sell_count - held as signed) from stock where edition_id = ? for update",
        )
        .bind(buyer.edition)
        .fetch_one(&mut *tx)
        .await?;
        if available < 1 {
            return Ok(());
        }
        AgreeingBank::answer().await;
        sqlx::query("update stock set sell_count = sell_count + 1 where edition_id = ?")
            .bind(buyer.edition)
            .execute(&mut *tx)
            .await?;
        sqlx::query("update basket set state = 'ordered' where open_for = ?")
            .bind(buyer.shopper.id().as_uuid())
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "insert into orders (id, number, link, shopper_id, basket_id, basket_version, token, state, total, currency, \
             goods, email, name, street, postcode, city, country) \
             values (?, ?, ?, ?, ?, 1, ?, 'paid', 1000, 'EUR', 1000, 'a@b.example', 'A', 'S 1', '1', 'W', 'AT')",
        )
        .bind(order)
        .bind(&order.simple().to_string()[23..])
        .bind(link)
        .bind(buyer.shopper.id().as_uuid())
        .bind(order)
        .bind([order.as_bytes().as_slice(), link.as_bytes()].concat())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "insert into order_line (order_id, edition_id, position, title, quantity, unit_price) \
             values (?, ?, 0, 'Book', 1, 1000)",
        )
        .bind(order)
        .bind(buyer.edition)
        .execute(&mut *tx)
        .await?;
        sqlx::query("insert into hold (order_id, edition_id, quantity, state, expires_at) values (?, ?, 1, 'sold', now())")
            .bind(order)
            .bind(buyer.edition)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "insert into payment_attempt (id, order_id, number, state, amount, currency, body, create_until, expires_at, \
             settle_at) values (?, ?, 1, 'captured', 1000, 'EUR', '', now(), now(), now())",
        )
        .bind(attempt)
        .bind(order)
        .execute(&mut *tx)
        .await?;
        Ok::<(), Error>(())
    }
    .await;
    tx.end(bought).await?;
    AgreeingBank::answer().await;
    Ok(())
}
