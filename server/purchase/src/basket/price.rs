//! The open basket as it stands now: what its lines cost, what is redeemed, and the token that orders exactly this.

use identity::Shopper;
use sqlx::MySqlConnection;
use time::PrimitiveDateTime;
use uuid::Uuid;

use super::{Basket, BasketCard, BasketCode, BasketDelivery, BasketLine, LinePrice, Obstacle, Priced};
use crate::Error;
use crate::money::{Currency, Money};
use crate::payment::minimum;
use crate::place::token::Token;
use crate::purchase::Purchase;
use crate::total::cards;
use crate::total::codes::{self, CustomerKey};
use crate::total::{NoTotal, ProductType, Rates, Total, Wanted, WantedLine};

/// A line of the basket with its edition's offer and stock.
struct Row {
    id: Uuid,
    version: u32,
    seen_at: PrimitiveDateTime,
    collect: bool,
    country: String,
    discount_code: Option<Uuid>,
    gift_card: Option<Uuid>,
    edition: u64,
    quantity: i32,
    quantity_wanted: Option<i32>,
    price: Option<i64>,
    currency: Option<String>,
    price_then: Option<i64>,
    currency_then: Option<String>,
    weight_g: Option<u32>,
    product: Option<ProductType>,
    available: i64,
}

impl Purchase {
    /// The shopper's open basket; `None` while nothing is in it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn basket(&self, shopper: &Shopper) -> Result<Option<Basket>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"
            select basket.id as "id: Uuid", basket.version, utc_timestamp(6) as "seen_at!: PrimitiveDateTime",
                   basket.delivery = 'collect' as "collect!: bool", basket.country,
                   basket.discount_code_id as "discount_code: Uuid", basket.gift_card_id as "gift_card: Uuid",
                   basket_line.edition_id as edition, basket_line.quantity, basket_line.quantity_wanted,
                   offer.price as "price?", offer.currency as "currency?", basket_line.unit_price as price_then,
                   basket_line.currency as currency_then, offer.weight_g as "weight_g?",
                   offer.product_type as "product?: ProductType",
                   cast(coalesce(stock.received + stock.allowance - stock.sell_count - stock.held, 0) as signed)
                       as "available!: i64"
            from basket join basket_line on basket_line.basket_id = basket.id
                 left join offer on offer.edition_id = basket_line.edition_id
                 left join stock on stock.edition_id = basket_line.edition_id
            where basket.open_for = ?
            order by basket_line.added_at, basket_line.edition_id
            "#,
            shopper.id().as_uuid()
        )
        .fetch_all(self.database().pool())
        .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let delivery = BasketDelivery { collect: first.collect, country: first.country.clone() };
        let lines = rows.iter().map(line).collect::<Result<Vec<_>, Error>>()?;
        let currency = lines.iter().find_map(|line| line.price).map(|price| price.unit.currency());
        let (mut discount_code, mut gift_card) = (None, None);
        if let Some(currency) = currency
            && (first.discount_code.is_some() || first.gift_card.is_some())
        {
            let mut connection = self.database().pool().acquire().await?;
            if let Some(code) = first.discount_code {
                let customer = shopper.customer().map(|customer| CustomerKey::of_email(customer.email()));
                discount_code = Some(basket_code(&mut connection, code, currency, customer).await?);
            }
            if let Some(card) = first.gift_card {
                gift_card = Some(BasketCard { found: cards::check(&mut connection, card, currency).await? });
            }
        }
        let mut basket = Basket {
            id: first.id,
            version: first.version,
            seen_at: first.seen_at,
            lines,
            delivery,
            discount_code,
            gift_card,
            priced: Err(Obstacle::Withdrawn),
        };
        basket.priced = self.price(&basket, &rows).await?;
        Ok(Some(basket))
    }

    async fn price(&self, basket: &Basket, rows: &[Row]) -> Result<Result<Priced, Obstacle>, Error> {
        let wanted: Option<Vec<WantedLine>> =
            rows.iter().zip(&basket.lines).map(|(row, line)| wanted(row, line)).collect();
        let Some(wanted) = wanted else { return Ok(Err(Obstacle::Withdrawn)) };
        if basket.delivery.collect && self.settings().collect_at.is_none() {
            return Ok(Err(Obstacle::NotDelivered));
        }
        let found = |code: &BasketCode| Some(code.found.ok()?.discount);
        let left = |card: &BasketCard| Some(card.found.ok()?.left);
        let wanted = Wanted {
            lines: &wanted,
            delivery: basket.delivery.as_wanted(),
            discount: basket.discount_code.as_ref().and_then(found),
            gift_card: basket.gift_card.as_ref().and_then(left),
        };
        let rates: std::sync::Arc<Rates> = self.rates().await?;
        Ok(match Total::of(&wanted, &rates) {
            Ok(total) => self.with_token(basket, total),
            Err(NoTotal::MixedCurrencies) => Err(Obstacle::MixedCurrencies),
            Err(NoTotal::NotDelivered) => Err(Obstacle::NotDelivered),
            Err(NoTotal::TooHeavy) => Err(Obstacle::TooHeavy),
            Err(NoTotal::Empty | NoTotal::BeyondBounds) => {
                return Err(Error::Defect("a basket's total is beyond all bounds"));
            }
        })
    }

    fn with_token(&self, basket: &Basket, total: Total) -> Result<Priced, Obstacle> {
        let least = minimum(total.to_pay.currency());
        if total.to_pay.minor() > 0 && total.to_pay.minor() < least.minor() {
            return Err(Obstacle::BelowMinimum { least });
        }
        let secret = &self.settings().token_secret;
        let token = Token::derive(secret, basket.id, basket.version, total.total, total.to_pay);
        Ok(Priced { total, token })
    }
}

fn line(row: &Row) -> Result<BasketLine, Error> {
    let currency = |code: &str| Currency::parse(code).ok_or(Error::Defect("a price has an unknown currency"));
    let money = |minor: Option<i64>, code: Option<&str>| {
        minor.zip(code).map(|(minor, code)| Ok::<_, Error>(Money::new(minor, currency(code)?))).transpose()
    };
    let unit = money(row.price, row.currency.as_deref())?;
    let then = money(row.price_then, row.currency_then.as_deref())?;
    let price = unit
        .map(|unit| {
            let total = unit.times(row.quantity).ok_or(Error::Defect("a line's total overflows"))?;
            Ok::<_, Error>(LinePrice { unit, total })
        })
        .transpose()?;
    let available = i32::try_from(row.available).map_err(|_| Error::Defect("a stock beyond all bounds"))?;
    Ok(BasketLine {
        edition: row.edition,
        quantity: row.quantity,
        price,
        price_then: then.filter(|then| unit.is_some_and(|unit| unit != *then)),
        // What is not sold cannot be had, whatever lies on the shelf.
        available: if unit.is_some() { available } else { 0 },
        wanted: row.quantity_wanted,
    })
}

fn wanted(row: &Row, line: &BasketLine) -> Option<WantedLine> {
    Some(WantedLine {
        edition: line.edition,
        unit_price: line.price?.unit,
        quantity: line.quantity,
        weight_g: row.weight_g?,
        product: row.product?,
    })
}

async fn basket_code(
    connection: &mut MySqlConnection,
    id: Uuid,
    currency: Currency,
    customer: Option<CustomerKey>,
) -> Result<BasketCode, Error> {
    let code = sqlx::query_scalar!("select code from discount_code where id = ?", id)
        .fetch_optional(&mut *connection)
        .await?
        .unwrap_or_default();
    Ok(BasketCode { code, found: codes::check(connection, id, currency, customer).await? })
}
