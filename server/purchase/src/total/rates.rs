//! What delivery costs and which VAT a price contains: the shop's own tables, small enough to be read whole.

use sqlx::MySqlConnection;

use super::{Delivery, ProductType};
use crate::Error;
use crate::money::{Currency, Money};

/// Where the shop is: the VAT of what is collected there.
pub const HOME_COUNTRY: &str = "AT";
/// Every country without shipping rates of its own.
const THE_REST: &str = "*";

/// What delivery costs to a country, for a class of weights.
#[derive(Clone, Debug)]
pub struct ShippingRate {
    /// ISO 3166 code, or `*` for every country without rates of its own in this currency.
    pub country: String,
    /// The lightest goods of this class, in grams.
    pub from_g: u32,
    /// The heaviest, in grams; `None` for any weight.
    pub up_to_g: Option<u32>,
    /// VAT included.
    pub price: Money,
}

/// Which VAT the price of a kind of goods contains in a country.
#[derive(Clone, Debug)]
pub struct VatRate {
    /// ISO 3166 code.
    pub country: String,
    /// The kind of goods.
    pub product: ProductType,
    /// Hundredths of a per cent.
    pub basis_points: u32,
}

/// Both tables. They change a few times a year: a copy may be kept for minutes.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// In any order; the weight classes of a country do not overlap.
    pub shipping: Vec<ShippingRate>,
    /// In any order.
    pub vat: Vec<VatRate>,
}

impl Rates {
    /// Reads them.
    ///
    /// # Errors
    /// When the database fails, or holds a currency that the shop does not know.
    pub async fn read(connection: &mut MySqlConnection) -> Result<Self, Error> {
        let shipping = sqlx::query!("select country, from_g, up_to_g, price, currency from shipping_rate")
            .fetch_all(&mut *connection)
            .await?
            .into_iter()
            .map(|row| {
                let currency =
                    Currency::parse(&row.currency).ok_or(Error::Defect("a shipping rate has an unknown currency"))?;
                let price = Money::new(row.price, currency);
                Ok(ShippingRate { country: row.country, from_g: row.from_g, up_to_g: row.up_to_g, price })
            })
            .collect::<Result<_, Error>>()?;
        let vat = sqlx::query_as!(
            VatRate,
            r#"select country, product_type as "product: ProductType", basis_points from vat_rate"#
        )
        .fetch_all(connection)
        .await?;
        Ok(Self { shipping, vat })
    }

    /// What sending goods of this weight costs; `None` where they are not delivered in this currency. A country with
    /// rates of its own has no others: what is too heavy for them is not sent at the rest's.
    pub(super) fn shipping(&self, country: &str, grams: u64, currency: Currency) -> Option<Money> {
        let rates_of = |country| {
            self.shipping.iter().filter(move |rate| rate.country == country && rate.price.currency() == currency)
        };
        let country = if rates_of(country).next().is_some() { country } else { THE_REST };
        let fits = |rate: &&ShippingRate| {
            u64::from(rate.from_g) <= grams && rate.up_to_g.is_none_or(|most| grams <= u64::from(most))
        };
        rates_of(country).find(fits).map(|rate| rate.price)
    }

    /// The VAT of goods, in basis points: that of where they go, 0 where no rate is known.
    pub(super) fn vat(&self, delivery: Delivery<'_>, product: ProductType) -> u32 {
        let country = match delivery {
            Delivery::ShipTo(country) => country,
            Delivery::Collect => HOME_COUNTRY,
        };
        let rate = self.vat.iter().find(|rate| rate.country == country && rate.product == product);
        rate.map_or(0, |rate| rate.basis_points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(country: &str, from_g: u32, up_to_g: Option<u32>, cents: i64) -> ShippingRate {
        ShippingRate { country: country.to_owned(), from_g, up_to_g, price: Money::new(cents, Currency::Eur) }
    }

    #[test]
    fn both_ends_of_a_weight_class_belong_to_it_and_a_country_with_rates_has_no_others() {
        let shipping = vec![
            class("DE", 0, Some(2000), 790),
            class("DE", 2001, Some(5000), 1290),
            class("*", 0, Some(1000), 1990),
            class("AT", 0, None, 390),
        ];
        let rates = Rates { shipping, vat: Vec::new() };
        let cents = |country, grams| rates.shipping(country, grams, Currency::Eur).map(|price| price.minor());
        assert_eq!(
            [0, 2000, 2001, 5000, 5001].map(|grams| cents("DE", grams)),
            [Some(790), Some(790), Some(1290), Some(1290), None]
        );
        assert_eq!([1000, 1001].map(|grams| cents("JP", grams)), [Some(1990), None]);
        assert_eq!(cents("AT", u64::MAX), Some(390));
        assert_eq!(rates.shipping("DE", 1, Currency::Usd), None);
    }
}
