//! Which of a supplier's prices a shopper pays.
//!
//! Retail prices with tax come first: recommended (02), fixed (04) and the publisher's own (42 of list 58). Then those
//! without tax (01, 03, 41), to which the tax is added that the file states. Where it states none, such a price is
//! taken only in US and Canadian dollars, in which prices are quoted without tax everywhere; elsewhere it would be too
//! low. Special, net and wholesale prices are none for shoppers, nor are those on conditions or for a quantity.

use time::Date;

use super::date;
use super::element::Element;
use super::product::Context;
use crate::entry::quoted;
use crate::money;
use crate::record::Price;

const WITHOUT_TAX: [&str; 2] = ["USD", "CAD"];

pub(super) fn price(detail: &Element, context: &Context<'_>, remarks: &mut Vec<String>) -> Option<Price> {
    let mut wanted = context.options.currency.clone();
    let mut best: Option<((bool, bool), Price)> = None;
    for composite in detail.children("Price") {
        let code = match composite.code("PriceType") {
            "" => context.header.code("DefaultPriceType"),
            code => code,
        };
        let with_tax = matches!(code, "02" | "04" | "42");
        if !(with_tax || matches!(code, "01" | "03" | "41")) || !is_for_shoppers(composite) {
            continue;
        }
        let Some(is_dated) = is_valid(composite, context.options.today, remarks) else { continue };
        let currency = match composite.code("CurrencyCode") {
            "" => context.header.code("DefaultCurrencyCode"),
            code => code,
        };
        if wanted.as_deref().is_some_and(|wanted| wanted != currency) {
            continue;
        }
        let Some(price) = amount(composite, currency, with_tax, remarks) else { continue };
        wanted.get_or_insert_with(|| price.currency.clone());
        // A price that is stated for these days goes before one that is stated for all.
        let rank = (!with_tax, !is_dated);
        if best.as_ref().is_none_or(|(before, _)| rank < *before) {
            best = Some((rank, price));
        }
    }
    best.map(|(_, price)| price)
}

/// Unqualified or for consumers (00 and 05 of list 59), of one copy, without conditions, and not "free" or "on
/// request".
fn is_for_shoppers(price: &Element) -> bool {
    let unqualified = price.children("PriceQualifier").all(|one| matches!(one.own_code(), "00" | "05"));
    let quantity = price.code("MinimumOrderQuantity");
    let unconditional = price.child("PriceCondition").is_none() && matches!(quantity, "" | "0" | "1");
    unqualified && unconditional && price.child("UnpricedItemType").is_none()
}

/// Whether it has dates of its own (14 from, 15 until, 24 both, of list 173); none if they do not include the day, or
/// cannot be read.
fn is_valid(price: &Element, today: Date, remarks: &mut Vec<String>) -> Option<bool> {
    let mut is_dated = false;
    for composite in price.children("PriceDate") {
        let role = composite.code("PriceDateRole");
        if !matches!(role, "14" | "15" | "24") {
            continue;
        }
        is_dated = true;
        let day = crate::date::day(date::of(composite, "PriceDate", remarks)?)?;
        let valid = match role {
            "14" => day <= today,
            "15" => today <= day,
            _ => {
                let text = composite.code("Date");
                let until = text.get(8..).and_then(crate::date::digits).and_then(crate::date::day);
                day <= today && until.is_none_or(|until| today <= until)
            }
        };
        if !valid {
            return None;
        }
    }
    Some(is_dated)
}

fn amount(price: &Element, currency: &str, with_tax: bool, remarks: &mut Vec<String>) -> Option<Price> {
    let text = price.line("PriceAmount")?;
    let mut amount = match money::price(&text, Some(currency).filter(|code| !code.is_empty()), None) {
        Ok(amount) => amount,
        Err(problem) => {
            remarks.push(format!("PriceAmount is not understood: {problem}"));
            return None;
        }
    };
    if with_tax {
        return Some(amount);
    }
    match tax(price, &amount) {
        Some(tax) => amount.minor = amount.minor.checked_add(tax)?,
        None if WITHOUT_TAX.contains(&currency) => {}
        None => {
            let value = quoted(&format!("{text} {currency}"));
            remarks.push(format!("PriceAmount is without tax, and the tax is not stated: {value}"));
            return None;
        }
    }
    Some(amount)
}

/// The tax on an amount, if it is stated in full.
fn tax(price: &Element, amount: &Price) -> Option<i64> {
    let mut taxes = price.children("Tax").peekable();
    taxes.peek()?;
    taxes.try_fold(0_i64, |sum, tax| {
        let money = |name: &'static str| {
            let text = tax.line(name)?;
            money::price(&text, Some(&amount.currency), None).ok().map(|price| price.minor)
        };
        let of_rate = || {
            let rate = money::decimal(&tax.line("TaxRatePercent")?, 4)?;
            let taxed = money("TaxableAmount").unwrap_or(amount.minor);
            // The rate is in millionths; half a unit is rounded up.
            i64::try_from((i128::from(taxed) * i128::from(rate) + 500_000) / 1_000_000).ok()
        };
        sum.checked_add(money("TaxAmount").or_else(of_rate)?)
    })
}
