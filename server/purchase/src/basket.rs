//! The basket: what a shopper means to buy. Its version rises with whatever changes what would be paid; prices
//! and availability are read anew at every view.

use database::{Transaction, is_duplicate};
use identity::{Shopper, ShopperId};
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::money::Money;
use crate::purchase::Purchase;
use crate::token::Token;
use crate::{Error, offer};

/// The most copies of one edition that one order takes.
pub const MOST_COPIES: i32 = 99;
/// The most different editions in one basket.
pub const MOST_LINES: i64 = 100;

/// An open basket with at least one line, as it stands now.
#[derive(Clone, Debug)]
pub struct Basket {
    pub(crate) id: Uuid,
    pub(crate) version: u32,
    /// Its lines, oldest first.
    pub lines: Vec<BasketLine>,
    /// What all lines cost.
    pub total: Money,
    /// The token that orders exactly this.
    pub token: Token,
}

/// One edition in a basket.
#[derive(Clone, Debug)]
pub struct BasketLine {
    /// The edition's id in the catalogue.
    pub edition: u64,
    /// Copies wanted.
    pub quantity: i32,
    /// The price of one copy, now.
    pub unit_price: Money,
    /// The price of all of them.
    pub total: Money,
    /// Copies that could be had now.
    pub available: i32,
}

/// What became of a change to the basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is stored.
    Done,
    /// No such edition is sold.
    UnknownEdition,
    /// The quantity is not one that can be ordered.
    BadQuantity,
    /// Fewer copies are left than would be in the basket.
    NotEnough {
        /// Copies that could be had.
        left: i32,
    },
    /// The basket has all the lines that it can take.
    Full,
}

impl Purchase {
    /// The shopper's open basket; `None` while nothing is in it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn basket(&self, shopper: &Shopper) -> Result<Option<Basket>, Error> {
        let shopper = shopper.id().as_uuid();
        let rows = sqlx::query!(
            r#"
            select basket.id as "id: Uuid", basket.version, basket_line.edition_id, basket_line.quantity
            from basket join basket_line on basket_line.basket_id = basket.id
            where basket.open_for = ?
            order by basket_line.added_at, basket_line.edition_id
            "#,
            shopper
        )
        .fetch_all(self.database().pool())
        .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let (id, version) = (first.id, first.version);
        let editions: Vec<u64> = rows.iter().map(|row| row.edition_id).collect();
        let offers = offer::offers(self.database(), &editions).await?;
        let lines = rows
            .iter()
            .map(|row| {
                let offer = offers.get(&row.edition_id).ok_or(Error::Defect("a basket line without an offer"))?;
                let total = offer.price.times(row.quantity).ok_or(Error::Defect("a line's total overflows"))?;
                Ok(BasketLine {
                    edition: row.edition_id,
                    quantity: row.quantity,
                    unit_price: offer.price,
                    total,
                    available: offer.available,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let total = Money::sum(lines.iter().map(|line| Some(line.total)))
            .ok_or(Error::Defect("a basket's total overflows or mixes currencies"))?;
        let token = Token::derive(&self.settings().token_secret, id, version, total, total);
        Ok(Some(Basket { id, version, lines, total, token }))
    }

    /// How many copies are in the shopper's open basket.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn basket_count(&self, shopper: &Shopper) -> Result<i64, Error> {
        let count = sqlx::query_scalar!(
            r#"
            select cast(coalesce(sum(basket_line.quantity), 0) as signed) as "count!: i64"
            from basket join basket_line on basket_line.basket_id = basket.id
            where basket.open_for = ?
            "#,
            shopper.id().as_uuid()
        )
        .fetch_one(self.database().pool())
        .await?;
        Ok(count)
    }

    /// Puts `quantity` more copies into the basket.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_to_basket(&self, shopper: &Shopper, edition: u64, quantity: i32) -> Result<Changed, Error> {
        self.change_line(shopper, edition, |now| now.checked_add(quantity).filter(|_| quantity > 0)).await
    }

    /// Sets how many copies of an edition are in the basket; 0 takes it out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_quantity(&self, shopper: &Shopper, edition: u64, quantity: i32) -> Result<Changed, Error> {
        self.change_line(shopper, edition, |_| Some(quantity).filter(|quantity| *quantity >= 0)).await
    }

    async fn change_line(
        &self,
        shopper: &Shopper,
        edition: u64,
        wanted: impl Fn(i32) -> Option<i32> + Sync,
    ) -> Result<Changed, Error> {
        let Some(offer) = offer::offers(self.database(), &[edition]).await?.remove(&edition) else {
            return Ok(Changed::UnknownEdition);
        };
        let shopper = shopper.id().as_uuid();
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = change_line(&mut tx, shopper, edition, offer.available, &wanted).await;
                tx.end(result).await
            })
            .await
    }

    /// Brings what a guest had in the basket into the account's, once: sums are capped at what one order takes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn merge_baskets(&self, guest: ShopperId, account: ShopperId) -> Result<(), Error> {
        if guest == account {
            return Ok(());
        }
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = merge(&mut tx, guest.as_uuid(), account.as_uuid()).await;
                tx.end(result).await
            })
            .await
    }
}

async fn change_line(
    tx: &mut Transaction,
    shopper: Uuid,
    edition: u64,
    available: i32,
    wanted: impl Fn(i32) -> Option<i32>,
) -> Result<Changed, Error> {
    let basket = lock_open(tx, shopper).await?;
    let now = sqlx::query_scalar!(
        "select quantity from basket_line where basket_id = ? and edition_id = ?",
        basket,
        edition
    )
    .fetch_optional(&mut **tx)
    .await?;
    let quantity = match wanted(now.unwrap_or(0)) {
        Some(0) if now.is_some() => {
            sqlx::query!("delete from basket_line where basket_id = ? and edition_id = ?", basket, edition)
                .execute(&mut **tx)
                .await?;
            raise_version(tx, basket).await?;
            return Ok(Changed::Done);
        }
        Some(0) => return Ok(Changed::Done),
        Some(quantity) if quantity <= MOST_COPIES => quantity,
        _ => return Ok(Changed::BadQuantity),
    };
    if quantity > available {
        return Ok(Changed::NotEnough { left: available });
    }
    if now.is_none() {
        let lines = sqlx::query_scalar!("select count(*) from basket_line where basket_id = ?", basket)
            .fetch_one(&mut **tx)
            .await?;
        if lines >= MOST_LINES {
            return Ok(Changed::Full);
        }
    }
    put_line(tx, basket, edition, quantity).await?;
    raise_version(tx, basket).await?;
    Ok(Changed::Done)
}

async fn merge(tx: &mut Transaction, guest: Uuid, account: Uuid) -> Result<(), Error> {
    let Some(from) = sqlx::query!(
        r#"select id as "id: Uuid" from basket where open_for = ? for update"#,
        guest
    )
    .fetch_optional(&mut **tx)
    .await?
    else {
        return Ok(());
    };
    sqlx::query!("update basket set state = 'merged', version = version + 1 where id = ? and state = 'open'", from.id)
        .execute(&mut **tx)
        .await?;
    add_lines(tx, from.id, account).await
}

/// Adds the lines of basket `from` to the shopper's open basket.
pub(crate) async fn add_lines(tx: &mut Transaction, from: Uuid, to: Uuid) -> Result<(), Error> {
    let into = lock_open(tx, to).await?;
    sqlx::query!(
        r#"
        insert into basket_line (basket_id, edition_id, quantity)
        select ?, moved.edition_id, moved.quantity from basket_line as moved where moved.basket_id = ?
        on duplicate key update quantity = least(basket_line.quantity + values(quantity), 99)
        "#,
        into,
        from
    )
    .execute(&mut **tx)
    .await?;
    raise_version(tx, into).await
}

/// Locks the shopper's open basket, making one where there is none.
async fn lock_open(tx: &mut Transaction, shopper: Uuid) -> Result<Uuid, Error> {
    loop {
        let open = sqlx::query!(
            r#"select id as "id: Uuid" from basket where open_for = ? for update"#,
            shopper
        )
        .fetch_optional(&mut **tx)
        .await?;
        if let Some(open) = open {
            return Ok(open.id);
        }
        let made = sqlx::query!(
            "insert into basket (id, shopper_id) values (?, ?)",
            Uuid::now_v7(),
            shopper
        )
        .execute(&mut **tx)
        .await;
        match made {
            Ok(_) => {}
            // Another request of this shopper made one meanwhile.
            Err(error) if is_duplicate(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

async fn put_line(
    connection: &mut MySqlConnection,
    basket: Uuid,
    edition: u64,
    quantity: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into basket_line (basket_id, edition_id, quantity) values (?, ?, ?)
        on duplicate key update quantity = values(quantity)
        "#,
        basket,
        edition,
        quantity
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn raise_version(connection: &mut MySqlConnection, basket: Uuid) -> Result<(), Error> {
    sqlx::query!("update basket set version = version + 1 where id = ?", basket)
        .execute(connection)
        .await?;
    Ok(())
}
