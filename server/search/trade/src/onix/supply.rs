//! Block 6: whether a product can be had, and for how much.

use super::date;
use super::element::Element;
use super::price::price;
use super::product::Context;
use super::publishing::day;
use crate::availability;
use crate::entry::quoted;
use crate::record::Supply;

/// What the first supplier says who has a price that is wanted, else the first one.
pub(super) fn read(product: &Element, context: &Context<'_>, remarks: &mut Vec<String>) -> Supply {
    let mut chosen = None;
    for detail in details(product) {
        let price = price(detail, context, remarks);
        let found = price.is_some();
        if found || chosen.is_none() {
            chosen = Some((detail, price));
        }
        if found {
            break;
        }
    }
    let Some((detail, price)) = chosen else { return Supply::default() };
    let code = detail.code("ProductAvailability");
    let availability = availability::of_code(code);
    if availability.is_none() && !code.is_empty() {
        remarks.push(format!("ProductAvailability is not understood: {}", quoted(code)));
    }
    // 08 of list 166: when it is expected.
    let expected = date::in_role(detail, "SupplyDate", "08").and_then(|one| day(one, "the expected date", remarks));
    Supply { availability, expected, price, copies: None }
}

pub(super) fn details(product: &Element) -> impl Iterator<Item = &Element> {
    product.children("ProductSupply").flat_map(|supply| supply.children("SupplyDetail"))
}
