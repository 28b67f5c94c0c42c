//! The reckoning of a total.
//!
//! The one rule of rounding: half up, in whole minor units. A percentage is rounded once, on the sum of the goods; the
//! discount is spread over the lines, and delivery over the VAT rates of the goods (it shares their VAT), in proportion
//! to the goods' prices by largest remainder, so that parts always add up. VAT is contained in the prices, and rounded
//! once for each rate, on the sum of all that has this rate.

use std::collections::BTreeMap;

use super::share::{half_up, spread};
use super::{Delivery, Discount, LineTotal, NoTotal, Rates, Total, VatPart, Wanted, WantedLine};
use crate::money::{Currency, Money};
use crate::payment::minimum;

/// Ten thousand hundredths of a per cent.
const WHOLE: i64 = 10_000;

impl Total {
    /// Reckons what is wanted. The order of the lines makes no difference.
    ///
    /// # Errors
    /// When there is no total; says why.
    pub fn of(wanted: &Wanted<'_>, rates: &Rates) -> Result<Self, NoTotal> {
        let currency = wanted.lines.first().ok_or(NoTotal::Empty)?.unit_price.currency();
        if wanted.lines.iter().any(|line| line.unit_price.currency() != currency) {
            return Err(NoTotal::MixedCurrencies);
        }
        let mut lines: Vec<&WantedLine> = wanted.lines.iter().collect();
        // Of equal remainders the earlier line gets the unit: an order of our own keeps the basket's from mattering.
        lines.sort_by_key(|line| (line.edition, line.unit_price.minor(), line.quantity, line.product));
        let vat_rates = lines.iter().map(|line| rates.vat(wanted.delivery, line.product));
        let vat_rates = vat_rates.collect::<Option<Vec<u32>>>().ok_or(NoTotal::NotDelivered)?;
        let grams = grams(wanted.lines).ok_or(NoTotal::BeyondBounds)?;
        let shipping = match wanted.delivery {
            Delivery::ShipTo(country) => rates.shipping(country, grams, currency)?,
            Delivery::Collect => Money::new(0, currency),
        };
        reckon(wanted, &lines, &vat_rates, shipping, currency).ok_or(NoTotal::BeyondBounds)
    }
}

fn grams(lines: &[WantedLine]) -> Option<u64> {
    lines.iter().try_fold(0_u64, |sum, line| {
        sum.checked_add(u64::from(line.weight_g).checked_mul(u64::try_from(line.quantity).ok()?)?)
    })
}

fn reckon(
    wanted: &Wanted<'_>,
    lines: &[&WantedLine],
    vat_rates: &[u32],
    shipping: Money,
    currency: Currency,
) -> Option<Total> {
    let money = |minor| Money::new(minor, currency);
    let minor = |money: Money| (money.currency() == currency && money.minor() >= 0).then_some(money.minor());
    let line_goods =
        lines.iter().map(|line| line.unit_price.times(line.quantity).and_then(minor)).collect::<Option<Vec<i64>>>()?;
    let goods = line_goods.iter().try_fold(0_i64, |sum, goods| sum.checked_add(*goods))?;
    let discount = match wanted.discount {
        None => 0,
        Some(Discount::Percentage { basis_points }) => half_up(goods, i64::from(basis_points), WHOLE)?.min(goods),
        Some(Discount::Amount(amount)) => minor(amount)?.min(goods),
    };
    let line_discounts = spread(discount, &line_goods)?;
    let shipping = minor(shipping)?;
    let total = goods.checked_sub(discount)?.checked_add(shipping)?;
    let lines = lines.iter().zip(line_goods.iter().zip(&line_discounts));
    let by_line = vat_rates.iter().zip(lines.clone()).map(|(rate, (_, (goods, discount)))| (*rate, *goods, *discount));
    let vat = vat(by_line, shipping)?;
    let gift_card = gift_card(total, wanted.gift_card.map_or(Some(0), minor)?, minimum(currency).minor())?;
    Some(Total {
        lines: lines
            .map(|(line, (goods, discount))| LineTotal {
                edition: line.edition,
                goods: money(*goods),
                discount: money(*discount),
            })
            .collect(),
        goods: money(goods),
        discount: money(discount),
        shipping: money(shipping),
        total: money(total),
        vat: vat
            .into_iter()
            .map(|(basis_points, gross, vat)| VatPart { basis_points, gross: money(gross), vat: money(vat) })
            .collect(),
        gift_card: money(gift_card),
        to_pay: money(total.checked_sub(gift_card)?),
    })
}

/// Rate, gross and VAT for each rate of the lines (their rate, goods and discount), delivery included.
fn vat(lines: impl Iterator<Item = (u32, i64, i64)>, shipping: i64) -> Option<Vec<(u32, i64, i64)>> {
    // By rate: the goods before the discount, and what is paid for them.
    let mut by_rate: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
    for (rate, goods, discount) in lines {
        let (before, paid) = by_rate.entry(rate).or_default();
        *before = before.checked_add(goods)?;
        *paid = paid.checked_add(goods.checked_sub(discount)?)?;
    }
    let weights: Vec<i64> = by_rate.values().map(|(before, _)| *before).collect();
    let parts = by_rate.into_iter().zip(spread(shipping, &weights)?).map(|((rate, (_, paid)), shipping)| {
        let gross = paid.checked_add(shipping)?;
        let basis_points = i64::from(rate);
        Some((rate, gross, half_up(gross, basis_points, WHOLE.checked_add(basis_points)?)?))
    });
    parts.collect()
}

/// What a card pays of a total: all that it can, but never so that less is left than the bank charges at least.
fn gift_card(total: i64, balance: i64, least: i64) -> Option<i64> {
    Some(match total.checked_sub(balance)? {
        ..=0 => total,
        rest if rest < least => total.checked_sub(least)?.max(0),
        _ => balance,
    })
}
