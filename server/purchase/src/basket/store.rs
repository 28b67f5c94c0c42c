//! The basket's rows. Baskets are locked by their primary keys, several in the order of their ids: the hold does the
//! same, and two orders of locks would deadlock.

use database::{Transaction, is_duplicate};
use serde::Serialize;
use sqlx::MySqlConnection;
use uuid::Uuid;

use super::MOST_COPIES;
use super::redeem::Choice;
use crate::Error;
use crate::list;
use crate::money::{Currency, Money};

/// The shopper's open basket, by a plain read.
pub(crate) async fn open_id(connection: &mut MySqlConnection, shopper: Uuid) -> Result<Option<Uuid>, Error> {
    let open = sqlx::query!(r#"select id as "id: Uuid" from basket where open_for = ?"#, shopper)
        .fetch_optional(connection)
        .await?;
    Ok(open.map(|open| open.id))
}

/// Locks a basket until the transaction ends, and says whether it is open.
pub(crate) async fn lock(connection: &mut MySqlConnection, basket: Uuid) -> Result<bool, Error> {
    let locked = sqlx::query!(r#"select state = 'open' as "open!: bool" from basket where id = ? for update"#, basket)
        .fetch_one(connection)
        .await?;
    Ok(locked.open)
}

/// A shopper's open basket, locked until the transaction ends.
pub(crate) struct Locked {
    pub id: Uuid,
    /// Made just now, so there is nothing in it.
    pub is_new: bool,
}

/// The shopper's open basket, locked; made where there is none.
pub(crate) async fn lock_open(connection: &mut MySqlConnection, shopper: Uuid) -> Result<Locked, Error> {
    loop {
        // Found by a plain read within, so that what is locked is its primary key.
        let found = sqlx::query!(
            r#"
            select id as "id: Uuid", state = 'open' as "open!: bool" from basket
            where id = (select open.id from basket as open where open.open_for = ?)
            for update
            "#,
            shopper
        )
        .fetch_optional(&mut *connection)
        .await?;
        match found {
            Some(basket) if basket.open => return Ok(Locked { id: basket.id, is_new: false }),
            // Closed since it was found.
            Some(_) => {}
            None => {
                if let Some(id) = make_open(connection, shopper).await? {
                    return Ok(Locked { id, is_new: true });
                }
            }
        }
    }
}

async fn open_or_new(connection: &mut MySqlConnection, shopper: Uuid) -> Result<Uuid, Error> {
    loop {
        if let Some(open) = open_id(connection, shopper).await? {
            return Ok(open);
        }
        make_open(connection, shopper).await?;
    }
}

/// Makes the shopper an open basket; `None` where there is one already.
async fn make_open(connection: &mut MySqlConnection, shopper: Uuid) -> Result<Option<Uuid>, Error> {
    let id = Uuid::now_v7();
    // Where another request makes one at the same time, the update takes its lock at once; a bare INSERT that fails
    // would keep a shared one and deadlock when it wants more. A row that is changed counts twice.
    let made = sqlx::query!(
        r#"
        insert into basket (id, shopper_id) values (?, ?)
        on duplicate key update version = basket.version + 1
        "#,
        id,
        shopper
    )
    .execute(connection)
    .await?;
    Ok((made.rows_affected() == 1).then_some(id))
}

/// Brings the lines of the open basket `from` into the account's, and closes it; once, however often it is tried.
pub(super) async fn merge(connection: &mut MySqlConnection, from: Uuid, account: Uuid) -> Result<(), Error> {
    loop {
        let into = open_or_new(connection, account).await?;
        let (from_is_open, into_is_open) = if from < into {
            (lock(connection, from).await?, lock(connection, into).await?)
        } else {
            let into_is_open = lock(connection, into).await?;
            (lock(connection, from).await?, into_is_open)
        };
        if !from_is_open {
            return Ok(());
        }
        if into_is_open {
            sqlx::query!("update basket set state = 'merged' where id = ? and state = 'open'", from)
                .execute(&mut *connection)
                .await?;
            take_over(connection, from, into).await?;
            return cap_by_stock(connection, into).await;
        }
    }
}

#[derive(Serialize)]
struct Capped {
    edition: u64,
    wanted: i32,
    quantity: i32,
}

/// Lines that want more copies than there are get what there is, and keep in mind what was wanted; a line of a book that
/// is sold out stays as it is.
async fn cap_by_stock(connection: &mut MySqlConnection, basket: Uuid) -> Result<(), Error> {
    let capped = sqlx::query_as!(
        Capped,
        r#"
        select basket_line.edition_id as edition, basket_line.quantity as wanted,
               stock.received + stock.allowance - stock.sell_count - stock.held as "quantity!: i32"
        from basket_line join stock on stock.edition_id = basket_line.edition_id
        where basket_line.basket_id = ?
          and stock.received + stock.allowance - stock.sell_count - stock.held between 1 and basket_line.quantity - 1
        "#,
        basket
    )
    .fetch_all(&mut *connection)
    .await?;
    if capped.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (
                   edition_id bigint unsigned path '$.edition', wanted int path '$.wanted',
                   quantity int path '$.quantity')) as list
               straight_join basket_line force index (primary)
               on basket_line.basket_id = ? and basket_line.edition_id = list.edition_id
        set basket_line.quantity = list.quantity, basket_line.quantity_wanted = list.wanted
        "#,
        list::of(&capped)?,
        basket
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds the lines of one locked basket to another, and what was redeemed for it where the other has nothing of the kind.
pub(crate) async fn take_over(connection: &mut MySqlConnection, from: Uuid, into: Uuid) -> Result<(), Error> {
    sqlx::query!(
        r#"
        insert into basket_line (basket_id, edition_id, quantity, unit_price, currency)
        select ?, moved.edition_id, moved.quantity, moved.unit_price, moved.currency
        from basket_line as moved where moved.basket_id = ?
        on duplicate key update
            quantity_wanted = if(basket_line.quantity + values(quantity) > ?, basket_line.quantity + values(quantity), null),
            quantity = least(basket_line.quantity + values(quantity), ?)
        "#,
        into,
        from,
        MOST_COPIES,
        MOST_COPIES
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        update basket join basket as emptied on emptied.id = ?
        set basket.version = basket.version + 1,
            basket.discount_code_id = coalesce(basket.discount_code_id, emptied.discount_code_id),
            basket.gift_card_id = coalesce(basket.gift_card_id, emptied.gift_card_id)
        where basket.id = ?
        "#,
        from,
        into
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Opens an ordered basket again, as its next version; `false` where the shopper has begun another one meanwhile.
pub(crate) async fn reopen(tx: &mut Transaction, basket: Uuid, version: u32) -> Result<bool, Error> {
    let reopened = sqlx::query!(
        "update basket set state = 'open', version = version + 1 where id = ? and version = ? and state = 'ordered'",
        basket,
        version
    )
    .execute(&mut **tx)
    .await;
    match reopened {
        Ok(done) if done.rows_affected() == 1 => Ok(true),
        Ok(_) => Err(Error::Defect("an order's basket is not as the order left it")),
        Err(error) if is_duplicate(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What is in a basket, as far as a change to one line needs to know.
#[derive(Default)]
pub(super) struct Contents {
    /// Copies of the edition, if it is in the basket.
    pub quantity: Option<i32>,
    pub lines: usize,
    /// Whether another line's book is sold in another currency.
    pub has_other_currency: bool,
}

/// Looks at a locked basket for an edition that is sold in `currency`.
pub(super) async fn look_at(
    connection: &mut MySqlConnection,
    basket: Uuid,
    edition: u64,
    currency: Option<Currency>,
) -> Result<Contents, Error> {
    let seen = sqlx::query!(
        r#"
        select max(if(basket_line.edition_id = ?, basket_line.quantity, null)) as quantity, count(*) as "lines!",
               coalesce(max(basket_line.edition_id <> ? and offer.currency <> ?), 0) as "other!: bool"
        from basket_line left join offer on offer.edition_id = basket_line.edition_id
        where basket_line.basket_id = ?
        "#,
        edition,
        edition,
        currency.map(Currency::code),
        basket
    )
    .fetch_one(connection)
    .await?;
    let lines = usize::try_from(seen.lines).map_err(|_| Error::Defect("a count is negative"))?;
    Ok(Contents { quantity: seen.quantity, lines, has_other_currency: seen.other })
}

pub(super) async fn put_line(
    connection: &mut MySqlConnection,
    basket: Uuid,
    edition: u64,
    quantity: i32,
    unit_price: Money,
) -> Result<(), Error> {
    sqlx::query!(
        r#"
        insert into basket_line (basket_id, edition_id, quantity, unit_price, currency) values (?, ?, ?, ?, ?)
        on duplicate key update quantity = values(quantity), quantity_wanted = null, unit_price = values(unit_price),
                                currency = values(currency)
        "#,
        basket,
        edition,
        quantity,
        unit_price.minor(),
        unit_price.currency().code()
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn remove_line(connection: &mut MySqlConnection, basket: Uuid, edition: u64) -> Result<(), Error> {
    sqlx::query!("delete from basket_line where basket_id = ? and edition_id = ?", basket, edition)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn raise_version(connection: &mut MySqlConnection, basket: Uuid) -> Result<(), Error> {
    sqlx::query!("update basket set version = version + 1 where id = ?", basket).execute(connection).await?;
    Ok(())
}

/// Writes down what the shopper has decided for a locked basket.
pub(super) async fn set(connection: &mut MySqlConnection, basket: Uuid, choice: Choice<'_>) -> Result<(), Error> {
    match choice {
        Choice::Delivery(to) => sqlx::query!(
            "update basket set delivery = if(?, 'collect', 'ship'), country = ?, version = version + 1 where id = ?",
            to.collect,
            to.country,
            basket
        )
        .execute(&mut *connection),
        Choice::DiscountCode(code) => {
            sqlx::query!("update basket set discount_code_id = ?, version = version + 1 where id = ?", code, basket)
                .execute(&mut *connection)
        }
        Choice::GiftCard(card) => {
            sqlx::query!("update basket set gift_card_id = ?, version = version + 1 where id = ?", card, basket)
                .execute(&mut *connection)
        }
    }
    .await?;
    Ok(())
}
