//! At which price an edition is sold, and how many copies can be had: the shop's own figures, never a client's.

use std::collections::{BTreeSet, HashMap};

use database::Database;
use sqlx::{MySql, QueryBuilder};

use crate::Error;
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

/// An offer to put into the shop.
#[derive(Clone, Copy, Debug)]
pub struct NewOffer {
    /// The edition's id in the catalogue.
    pub edition: u64,
    /// VAT included.
    pub price: Money,
    /// The weight of one copy, in grams.
    pub weight_g: u32,
    /// Which VAT it has.
    pub product: ProductType,
    /// Copies taken in, if the edition has no stock row yet.
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

    /// Puts offers into the shop or changes their price. Copies are taken in only for an edition that has no stock
    /// row yet, so that the same list twice changes nothing. Returns how many offers are new or changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_offers(&self, offers: &[NewOffer]) -> Result<usize, Error> {
        let mut changed = 0;
        for offer in offers {
            let database = self.database();
            changed += usize::from(database.retry(|| put_offer(database, *offer)).await?);
        }
        Ok(changed)
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

async fn put_offer(database: &Database, offer: NewOffer) -> Result<bool, Error> {
    let mut tx = database.begin().await?;
    let result = async {
        let known = sqlx::query!(
            r#"
            select price, currency, weight_g, product_type as "product: ProductType"
            from offer where edition_id = ? for update
            "#,
            offer.edition
        )
        .fetch_optional(&mut *tx)
        .await?;
        let same = known.as_ref().is_some_and(|known| {
            (known.price, known.currency.as_str(), known.weight_g, known.product)
                == (offer.price.minor(), offer.price.currency().code(), offer.weight_g, offer.product)
        });
        if !same {
            sqlx::query!(
                r#"
                insert into offer (edition_id, price, currency, weight_g, product_type) values (?, ?, ?, ?, ?)
                on duplicate key update price = values(price), currency = values(currency),
                                        weight_g = values(weight_g), product_type = values(product_type)
                "#,
                offer.edition,
                offer.price.minor(),
                offer.price.currency().code(),
                offer.weight_g,
                offer.product
            )
            .execute(&mut *tx)
            .await?;
        }
        let stocked = stock::lock(&mut tx, &BTreeSet::from([offer.edition])).await?.knows(offer.edition);
        if !stocked {
            let copies = Copies { edition: offer.edition, quantity: offer.copies };
            stock::receive(&mut tx, copies, "catalogue").await?;
        }
        Ok(!same || !stocked)
    }
    .await;
    tx.end(result).await
}
