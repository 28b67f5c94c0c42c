//! The open basket as it stands now: what its lines cost, what is redeemed, and the token that orders exactly this.

use identity::Shopper;
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
use crate::total::{Delivery, NoTotal, ProductType, Total, Wanted, WantedLine};

/// A line of the basket with its edition's offer and stock.
struct Row {
    id: Uuid,
    version: u32,
    seen_at: PrimitiveDateTime,
    collect: bool,
    country: String,
    discount_code: Option<Uuid>,
    code: Option<String>,
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
                   basket.discount_code_id as "discount_code: Uuid", discount_code.code as "code?",
                   basket.gift_card_id as "gift_card: Uuid",
                   basket_line.edition_id as edition, basket_line.quantity, basket_line.quantity_wanted,
                   offer.price as "price?", offer.currency as "currency?", basket_line.unit_price as price_then,
                   basket_line.currency as currency_then, offer.weight_g as "weight_g?",
                   offer.product_type as "product?: ProductType",
                   cast(coalesce(stock.received + stock.allowance - stock.sell_count - stock.held, 0) as signed)
                       as "available!: i64"
            from basket join basket_line on basket_line.basket_id = basket.id
                 left join offer on offer.edition_id = basket_line.edition_id
                 left join stock on stock.edition_id = basket_line.edition_id
                 left join discount_code on discount_code.id = basket.discount_code_id
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
            if let Some(id) = first.discount_code {
                let found = codes::check(&mut connection, id, currency, CustomerKey::of_shopper(shopper)).await?;
                discount_code = Some(BasketCode { code: first.code.clone().unwrap_or_default(), found });
            }
            if let Some(card) = first.gift_card {
                gift_card = Some(BasketCard { found: cards::check(&mut connection, card, currency).await? });
            }
        }
        let wanted: Option<Vec<WantedLine>> = rows.iter().zip(&lines).map(|(row, line)| wanted(row, line)).collect();
        let priced = match wanted {
            None => Err(Obstacle::Withdrawn),
            Some(wanted) => {
                let wanted = Wanted {
                    lines: &wanted,
                    delivery: delivery.as_wanted(),
                    discount: discount_code.as_ref().and_then(|code| Some(code.found.ok()?.discount)),
                    gift_card: gift_card.and_then(|card| Some(card.found.ok()?.left)),
                };
                self.price(first, &wanted).await?
            }
        };
        let Row { id, version, seen_at, .. } = *first;
        Ok(Some(Basket { id, version, seen_at, lines, delivery, discount_code, gift_card, priced }))
    }

    async fn price(&self, basket: &Row, wanted: &Wanted<'_>) -> Result<Result<Priced, Obstacle>, Error> {
        if wanted.delivery == Delivery::Collect && self.settings().collect_at.is_none() {
            return Ok(Err(Obstacle::NotDelivered));
        }
        let total = match Total::of(wanted, &*self.rates().await?) {
            Ok(total) => total,
            Err(NoTotal::MixedCurrencies) => return Ok(Err(Obstacle::MixedCurrencies)),
            Err(NoTotal::NotDelivered) => return Ok(Err(Obstacle::NotDelivered)),
            Err(NoTotal::TooHeavy) => return Ok(Err(Obstacle::TooHeavy)),
            Err(NoTotal::Empty | NoTotal::BeyondBounds) => {
                return Err(Error::Defect("a basket's total is beyond all bounds"));
            }
        };
        let least = minimum(total.to_pay.currency());
        if total.to_pay.minor() > 0 && total.to_pay.minor() < least.minor() {
            return Ok(Err(Obstacle::BelowMinimum { least }));
        }
        let secret = &self.settings().token_secret;
        let token = Token::derive(secret, basket.id, basket.version, total.total, total.to_pay);
        Ok(Ok(Priced { total, token }))
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
