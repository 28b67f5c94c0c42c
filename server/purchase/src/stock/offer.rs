//! At which price an edition is sold, and how many copies can be had: the shop's own figures, never a client's.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use database::{Database, Transaction};
use serde::Serialize;
use sqlx::{MySql, QueryBuilder};

use crate::Error;
use crate::list;
use crate::money::{Currency, Money};
use crate::purchase::Purchase;
use crate::stock;
use crate::stock::copies::Copies;
use crate::total::ProductType;

/// What an edition costs and how many copies are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// VAT included.
    pub price: Money,
    /// Copies that a shopper could have now; 0 is sold out.
    pub available: i32,
}

/// The weight of a copy of which nobody says what it weighs, in grams.
const USUAL_WEIGHT_G: u32 = 300;

/// An offer to put into the shop.
#[derive(Clone, Copy, Debug)]
pub struct NewOffer {
    /// The edition's id in the catalogue.
    pub edition: u64,
    /// VAT included.
    pub price: Money,
    /// The weight of one copy, in grams; none keeps what is known.
    pub weight_g: Option<u32>,
    /// Which VAT it has.
    pub product: ProductType,
    /// Copies taken in, if the edition has had none yet.
    pub copies: i32,
}

#[derive(sqlx::FromRow)]
struct OfferRow {
    edition_id: u64,
    price: i64,
    currency: String,
    available: i64,
}

impl Purchase {
    /// The offers of these editions; an edition that is not sold is missing from the answer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn offers(&self, editions: &[u64]) -> Result<HashMap<u64, Offer>, Error> {
        offers(self.database(), editions).await
    }

    /// Puts offers into the shop or changes their price, all in one transaction. Copies are taken in only for an edition
    /// that has no stock row yet, so that the same list twice changes nothing. Returns how many offers are new or changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_offers(&self, offers: &[NewOffer]) -> Result<usize, Error> {
        if offers.is_empty() {
            return Ok(0);
        }
        self.database()
            .retry(|| async {
                let mut tx = self.database().begin().await?;
                let result = put_offers(&mut tx, offers).await;
                tx.end(result).await
            })
            .await
    }

    /// Takes offers out of the shop: these editions are not sold any more. Their stock stays. Returns how many were sold
    /// until now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn withdraw_offers(&self, editions: &[u64]) -> Result<u64, Error> {
        if editions.is_empty() {
            return Ok(0);
        }
        let editions: BTreeSet<&u64> = editions.iter().collect();
        let list = list::of(&editions)?;
        let withdrawn = self.database().retry(|| async {
            let withdrawn = sqlx::query!(
                r#"
                delete offer
                from json_table(?, '$[*]' columns (edition_id bigint unsigned path '$')) as list
                     straight_join offer force index (primary) on offer.edition_id = list.edition_id
                "#,
                list
            );
            Ok::<_, Error>(withdrawn.execute(self.database().pool()).await?.rows_affected())
        });
        withdrawn.await
    }
}

pub(crate) async fn offers(database: &Database, editions: &[u64]) -> Result<HashMap<u64, Offer>, Error> {
    if editions.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = QueryBuilder::<MySql>::new(
        r"
        select offer.edition_id, offer.price, offer.currency,
               cast(coalesce(stock.received + stock.allowance - stock.sell_count - stock.held, 0) as signed) as available
        from offer left join stock on stock.edition_id = offer.edition_id
        where offer.edition_id in (",
    );
    let mut ids = query.separated(", ");
    for edition in editions {
        ids.push_bind(edition);
    }
    query.push(")");
    let rows: Vec<OfferRow> = query.build_query_as().fetch_all(database.pool()).await?;
    rows.into_iter()
        .map(|row| {
            let currency = Currency::parse(&row.currency).ok_or(Error::Defect("an offer has an unknown currency"))?;
            let available = i32::try_from(row.available).map_err(|_| Error::Defect("a stock beyond all bounds"))?;
            Ok((row.edition_id, Offer { price: Money::new(row.price, currency), available }))
        })
        .collect()
}

#[derive(Serialize)]
struct Row {
    edition: u64,
    price: i64,
    currency: &'static str,
    weight_g: u32,
    product: ProductType,
}

/// In the order of locks: offers, stock.
async fn put_offers(tx: &mut Transaction, offers: &[NewOffer]) -> Result<usize, Error> {
    let offers: BTreeMap<u64, &NewOffer> = offers.iter().map(|offer| (offer.edition, offer)).collect();
    let known = sqlx::query!(
        r#"
        select offer.edition_id, offer.price, offer.currency, offer.weight_g, offer.product_type as "product: ProductType"
        from (select edition_id from json_table(?, '$[*]' columns (edition_id bigint unsigned path '$')) as list
              limit 1000000) as wanted
             straight_join offer force index (primary) on offer.edition_id = wanted.edition_id
        for update
        "#,
        list::of(&offers.keys().collect::<Vec<_>>())?
    )
    .fetch_all(&mut **tx)
    .await?;
    let known: HashMap<u64, _> = known.into_iter().map(|known| (known.edition_id, known)).collect();
    let rows: Vec<Row> = offers
        .values()
        .filter_map(|offer| {
            let known = known.get(&offer.edition);
            let row = Row {
                edition: offer.edition,
                price: offer.price.minor(),
                currency: offer.price.currency().code(),
                weight_g: offer.weight_g.or(known.map(|known| known.weight_g)).unwrap_or(USUAL_WEIGHT_G),
                product: offer.product,
            };
            let same = known.is_some_and(|known| {
                (known.price, known.currency.as_str(), known.weight_g, known.product)
                    == (row.price, row.currency, row.weight_g, row.product)
            });
            (!same).then_some(row)
        })
        .collect();
    if !rows.is_empty() {
        sqlx::query!(
            r#"
            insert into offer (edition_id, price, currency, weight_g, product_type)
            select list.edition_id, list.price, list.currency, list.weight_g, list.product
            from json_table(?, '$[*]' columns (
                     edition_id bigint unsigned path '$.edition', price bigint path '$.price',
                     currency char(3) path '$.currency', weight_g int unsigned path '$.weight_g',
                     product varchar(20) path '$.product')) as list
            on duplicate key update price = values(price), currency = values(currency), weight_g = values(weight_g),
                                    product_type = values(product_type)
            "#,
            list::of(&rows)?
        )
        .execute(&mut **tx)
        .await?;
    }
    let stocked = stock::lock(tx, &offers.keys().copied().collect()).await?;
    let new: Vec<&NewOffer> =
        offers.values().filter(|offer| offer.copies > 0 && !stocked.knows(offer.edition)).copied().collect();
    let copies: Vec<Copies> =
        new.iter().map(|offer| Copies { edition: offer.edition, quantity: offer.copies }).collect();
    stock::receive_first(tx, &copies, "catalogue").await?;
    let changed = rows.iter().map(|row| row.edition).chain(new.iter().map(|offer| offer.edition));
    Ok(changed.collect::<BTreeSet<_>>().len())
}
