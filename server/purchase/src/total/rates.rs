//! What delivery costs and which VAT a price contains: the shop's own tables, small enough to be read whole.

use sqlx::MySqlConnection;

use super::{Delivery, NoTotal, ProductType};
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
    /// ISO 3166 code, or `*` for every country without rates of its own.
    pub country: String,
    /// The kind of goods.
    pub product: ProductType,
    /// Hundredths of a per cent; `None` where nobody has made sure of it.
    pub basis_points: Option<u32>,
}

/// Both tables. They change a few times a year: a copy may be kept for minutes.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// In any order; of weight classes that overlap the one that begins higher counts.
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

    /// What sending goods of this weight costs. A country with rates of its own has no others: what is too heavy for them
    /// is not sent at the rest's.
    pub(super) fn shipping(&self, country: &str, grams: u64, currency: Currency) -> Result<Money, NoTotal> {
        let rates_of = |country| -> Vec<&ShippingRate> {
            let rates = self.shipping.iter();
            rates.filter(|rate| rate.country == country && rate.price.currency() == currency).collect()
        };
        let mut rates = rates_of(country);
        if rates.is_empty() {
            rates = rates_of(THE_REST);
        }
        if rates.is_empty() {
            return Err(NoTotal::NotDelivered);
        }
        let fits = |rate: &&ShippingRate| {
            u64::from(rate.from_g) <= grams && rate.up_to_g.is_none_or(|most| grams <= u64::from(most))
        };
        rates.into_iter().filter(fits).max_by_key(|rate| rate.from_g).map(|rate| rate.price).ok_or(NoTotal::TooHeavy)
    }

    /// The VAT of goods, in basis points: that of where they go; `None` where it is not known.
    pub(super) fn vat(&self, delivery: Delivery<'_>, product: ProductType) -> Option<u32> {
        let country = match delivery {
            Delivery::ShipTo(country) => country,
            Delivery::Collect => HOME_COUNTRY,
        };
        let rate_of = |country: &str| self.vat.iter().find(|rate| rate.country == country && rate.product == product);
        rate_of(country).or_else(|| rate_of(THE_REST)).and_then(|rate| rate.basis_points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(country: &str, from_g: u32, up_to_g: Option<u32>, cents: i64) -> ShippingRate {
        ShippingRate { country: country.to_owned(), from_g, up_to_g, price: Money::new(cents, Currency::Eur) }
    }

    #[test]
    fn of_classes_that_overlap_the_one_that_begins_higher_counts_in_any_order() {
        let mut shipping = vec![class("AT", 0, Some(5000), 300), class("AT", 1000, Some(2000), 400)];
        for _ in 0..2 {
            shipping.reverse();
            let rates = Rates { shipping: shipping.clone(), vat: Vec::new() };
            let cents = |grams| rates.shipping("AT", grams, Currency::Eur).map(|price| price.minor());
            assert_eq!([999, 1000, 2001].map(cents), [Ok(300), Ok(400), Ok(300)]);
        }
    }

    #[test]
    fn a_vat_that_nobody_has_made_sure_of_is_not_taken_for_nothing() {
        let rate = |country: &str, basis_points| VatRate {
            country: country.to_owned(),
            product: ProductType::Book,
            basis_points,
        };
        let rates =
            Rates { shipping: Vec::new(), vat: vec![rate("LV", None), rate("*", Some(0)), rate("AT", Some(1000))] };
        let vat = |country| rates.vat(Delivery::ShipTo(country), ProductType::Book);
        assert_eq!(["AT", "LV", "JP"].map(vat), [Some(1000), None, Some(0)]);
        assert_eq!(Rates::default().vat(Delivery::ShipTo("JP"), ProductType::Book), None);
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
        let too_heavy = Err(NoTotal::TooHeavy);
        assert_eq!(
            [0, 2000, 2001, 5000, 5001].map(|grams| cents("DE", grams)),
            [Ok(790), Ok(790), Ok(1290), Ok(1290), too_heavy]
        );
        assert_eq!([1000, 1001].map(|grams| cents("JP", grams)), [Ok(1990), too_heavy]);
        assert_eq!(cents("AT", u64::MAX), Ok(390));
        assert_eq!(rates.shipping("DE", 1, Currency::Usd), Err(NoTotal::NotDelivered));
    }
}
