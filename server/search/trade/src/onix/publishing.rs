//! Block 4: who brings a product out, and when.

use super::element::Element;
use super::{date, supply};
use crate::entry::quoted;
use crate::record::{Publishing, PublishingStatus};

pub(super) fn read(product: &Element, block: &Element, remarks: &mut Vec<String>) -> Publishing {
    let published = date::in_role(block, "PublishingDate", "01")
        .and_then(|composite| date::of(composite, "PublishingDate", remarks))
        .or_else(|| {
            let market = markets(product).find_map(|market| date::in_role(market, "MarketDate", "01"))?;
            date::of(market, "MarketDate", remarks)
        });
    Publishing {
        publisher: publisher(block),
        published,
        embargo_until: embargo(product, block, remarks),
        status: status(block, remarks),
    }
}

/// The publisher (01 of list 45) before any other who has a part in publishing, and before an imprint.
fn publisher(block: &Element) -> Option<String> {
    let publishers = || block.children("Publisher");
    publishers()
        .filter(|one| one.code("PublishingRole") == "01")
        .chain(publishers())
        .find_map(|one| one.line("PublisherName"))
        .or_else(|| block.children("Imprint").find_map(|one| one.line("ImprintName")))
}

/// The latest of all embargoes: role 02 of lists 163 and 166.
fn embargo(product: &Element, block: &Element, remarks: &mut Vec<String>) -> Option<time::Date> {
    let mut latest = None;
    let of_markets = markets(product).filter_map(|market| date::in_role(market, "MarketDate", "02"));
    let of_supply = supply::details(product).filter_map(|detail| date::in_role(detail, "SupplyDate", "02"));
    for composite in date::in_role(block, "PublishingDate", "02").into_iter().chain(of_markets).chain(of_supply) {
        latest = latest.max(day(composite, "the embargo", remarks));
    }
    latest
}

/// A date of which the day must be known.
pub(super) fn day(composite: &Element, what: &str, remarks: &mut Vec<String>) -> Option<time::Date> {
    let date = date::of(composite, what, remarks)?;
    let day = crate::date::day(date);
    if day.is_none() {
        let text = composite.line("Date").unwrap_or_default();
        remarks.push(format!("{what} has no day: {}", quoted(&text)));
    }
    day
}

fn markets(product: &Element) -> impl Iterator<Item = &Element> {
    product.children("ProductSupply").filter_map(|supply| supply.child("MarketPublishingDetail"))
}

/// Of a code of list 64. 00, 09 and what is not about printing more say nothing.
fn status(block: &Element, remarks: &mut Vec<String>) -> Option<PublishingStatus> {
    Some(match block.code("PublishingStatus") {
        "01" | "03" => PublishingStatus::CancelledOrPostponed,
        "02" => PublishingStatus::Forthcoming,
        "04" | "13" | "14" => PublishingStatus::Active,
        "05" | "06" | "07" | "08" | "10" | "11" | "15" | "17" => PublishingStatus::OutOfPrint,
        "" | "00" | "09" | "12" | "16" => return None,
        code => {
            remarks.push(format!("PublishingStatus is not understood: {}", quoted(code)));
            return None;
        }
    })
}
