//! The basket: what a shopper means to buy. Its version rises with whatever changes what would be paid; prices
//! and availability are read anew at every view.

mod store;

use database::Transaction;
use identity::{Customer, Shopper};
use time::PrimitiveDateTime;
use uuid::Uuid;

pub(crate) use store::{Locked, lock, lock_open, open_id, reopen, take_over};

use crate::Error;
use crate::money::{Currency, Money};
use crate::place::token::Token;
use crate::purchase::Purchase;
use crate::stock::offer;

/// The most copies of one edition that one order takes.
pub const MOST_COPIES: i32 = 99;
/// The most different editions in one basket.
pub const MOST_LINES: usize = 100;

/// An open basket with at least one line, as it stands now.
#[derive(Clone, Debug)]
pub struct Basket {
    pub(crate) id: Uuid,
    pub(crate) version: u32,
    /// By the database's clock, UTC.
    pub(crate) seen_at: PrimitiveDateTime,
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
            select basket.id as "id: Uuid", basket.version, utc_timestamp(6) as "seen_at!: PrimitiveDateTime",
                   basket_line.edition_id, basket_line.quantity, offer.price as "price?", offer.currency as "currency?",
                   cast(coalesce(stock.received + stock.allowance - stock.sell_count - stock.held, 0) as signed)
                       as "available!: i64"
            from basket join basket_line on basket_line.basket_id = basket.id
                 left join offer on offer.edition_id = basket_line.edition_id
                 left join stock on stock.edition_id = basket_line.edition_id
            where basket.open_for = ?
            order by basket_line.added_at, basket_line.edition_id
            "#,
            shopper
        )
        .fetch_all(self.database().pool())
        .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let (id, version, seen_at) = (first.id, first.version, first.seen_at);
        let lines = rows
            .iter()
            .map(|row| {
                let (price, currency) =
                    row.price.zip(row.currency.as_deref()).ok_or(Error::Defect("a basket line without an offer"))?;
                let currency = Currency::parse(currency).ok_or(Error::Defect("an offer has an unknown currency"))?;
                let unit_price = Money::new(price, currency);
                let total = unit_price.times(row.quantity).ok_or(Error::Defect("a line's total overflows"))?;
                let available = i32::try_from(row.available).map_err(|_| Error::Defect("a stock beyond all bounds"))?;
                Ok(BasketLine { edition: row.edition_id, quantity: row.quantity, unit_price, total, available })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let total = Money::sum(lines.iter().map(|line| Some(line.total)))
            .ok_or(Error::Defect("a basket's total overflows or mixes currencies"))?;
        let token = Token::derive(&self.settings().token_secret, id, version, total, total);
        Ok(Some(Basket { id, version, seen_at, lines, total, token }))
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
                match change_line(&mut tx, shopper, edition, offer.available, &wanted).await {
                    // Not even an empty basket stays of what was refused.
                    Ok(refused) if refused != Changed::Done => {
                        tx.roll_back().await;
                        Ok(refused)
                    }
                    result => tx.end(result).await,
                }
            })
            .await
    }

    /// Brings what the customer had in the basket as a guest into the account's, at every sign-in: what an earlier one
    /// left behind comes along too. Sums are capped at what one order takes. The work goes on when the caller hangs up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gather_baskets(&self, customer: &Customer) -> Result<(), Error> {
        let (purchase, customer) = (self.clone(), customer.clone());
        let work = async move { purchase.gather(&customer).await };
        self.tasks().spawn(work).await.unwrap_or(Err(Error::Defect("gathering baskets panicked")))
    }

    async fn gather(&self, customer: &Customer) -> Result<(), Error> {
        let account = customer.shopper_id().as_uuid();
        let left_behind = sqlx::query!(
            r#"
            select basket.id as "id: Uuid" from shopper join basket on basket.open_for = shopper.id
            where shopper.customer_id = ? and shopper.id <> ?
            "#,
            customer.id().as_uuid(),
            account
        )
        .fetch_all(self.database().pool())
        .await?;
        for from in left_behind {
            self.database()
                .retry(|| async {
                    let mut tx = self.database().begin().await?;
                    let result = store::merge(&mut tx, from.id, account).await;
                    tx.end(result).await
                })
                .await?;
        }
        Ok(())
    }
}

async fn change_line(
    tx: &mut Transaction,
    shopper: Uuid,
    edition: u64,
    available: i32,
    wanted: impl Fn(i32) -> Option<i32>,
) -> Result<Changed, Error> {
    let Locked { id: basket, is_new } = store::lock_open(tx, shopper).await?;
    let (now, lines) = if is_new { (None, 0) } else { store::look_at(tx, basket, edition).await? };
    let quantity = match wanted(now.unwrap_or(0)) {
        Some(0) => {
            if now.is_some() {
                store::remove_line(tx, basket, edition).await?;
                store::raise_version(tx, basket).await?;
            }
            return Ok(Changed::Done);
        }
        Some(quantity) if quantity <= MOST_COPIES => quantity,
        _ => return Ok(Changed::BadQuantity),
    };
    if quantity > available {
        return Ok(Changed::NotEnough { left: available });
    }
    if now.is_none() && lines >= MOST_LINES {
        return Ok(Changed::Full);
    }
    store::put_line(tx, basket, edition, quantity).await?;
    if !is_new {
        store::raise_version(tx, basket).await?;
    }
    Ok(Changed::Done)
}
