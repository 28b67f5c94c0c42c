//! Titles, and the series of which they tell (P.5 and P.6 of ONIX).

use super::element::Element;
use crate::record::SeriesPart;
use crate::series;

pub(super) struct Title {
    pub(super) title: String,
    pub(super) subtitle: Option<String>,
    /// The collection that its title page names with it.
    pub(super) series: Option<SeriesPart>,
}

/// The title of a type (list 15): 01 is the distinctive one, 03 the original.
pub(super) fn of_type(description: &Element, code: &str) -> Option<Title> {
    description.children("TitleDetail").filter(|detail| detail.code("TitleType") == code).find_map(title)
}

/// The first title that is not the original one, where none is called distinctive.
pub(super) fn any(description: &Element) -> Option<Title> {
    description.children("TitleDetail").filter(|detail| detail.code("TitleType") != "03").find_map(title)
}

/// The series that a `Collection` is.
pub(super) fn of_collection(collection: &Element) -> Option<SeriesPart> {
    let details = || collection.children("TitleDetail");
    let detail = details().find(|detail| detail.code("TitleType") == "01").or_else(|| details().next())?;
    let elements = in_sequence(detail);
    let of_collection = |element: &&&Element| is_of_collection(element);
    let title = joined(elements.iter().filter(of_collection))?;
    let number = elements.iter().rev().find_map(|element| part_number(element)).or_else(|| sequence_number(collection));
    Some(SeriesPart { title, number: number.map(|number| series::number(&number).unwrap_or(number)) })
}

fn title(detail: &Element) -> Option<Title> {
    let elements = in_sequence(detail);
    let product = elements.iter().find(|element| !is_of_collection(element) && words(element).is_some());
    let collection = || elements.iter().filter(|element| is_of_collection(element));
    let collection_title = joined(collection());
    let part = || elements.iter().filter(|element| !is_of_collection(element)).find_map(|element| part_number(element));
    let number = collection().find_map(|element| part_number(element)).or_else(part);
    let number = number.map(|number| series::number(&number).unwrap_or(number));
    let (title, subtitle) = match (product, &collection_title) {
        (Some(product), None) => (with_part(words(product)?, part_number(product)), product.line("Subtitle")),
        (Some(product), Some(_)) => (words(product)?, product.line("Subtitle")),
        // "Annual Review, Volume 3": the product has nothing of its own but a number.
        (None, Some(title)) => {
            let subtitle = elements.iter().find_map(|element| element.line("Subtitle"));
            (with_part(title.clone(), part()), subtitle)
        }
        (None, None) => return None,
    };
    let series = collection_title.map(|title| SeriesPart { title, number });
    Some(Title { title, subtitle, series })
}

fn in_sequence(detail: &Element) -> Vec<&Element> {
    let mut elements: Vec<&Element> = detail.children("TitleElement").collect();
    elements.sort_by_key(|element| element.code("SequenceNumber").parse().unwrap_or(u32::MAX));
    elements
}

/// Levels 02 and 03 of list 149 are collections and their parts.
fn is_of_collection(element: &Element) -> bool {
    matches!(element.code("TitleElementLevel"), "02" | "03")
}

fn joined<'a>(elements: impl Iterator<Item = &'a &'a Element>) -> Option<String> {
    let titles: Vec<String> = elements.filter_map(|element| words(element)).collect();
    (!titles.is_empty()).then(|| titles.join(": "))
}

fn words(element: &Element) -> Option<String> {
    let Some(rest) = element.line("TitleWithoutPrefix") else { return element.line("TitleText") };
    Some(match element.line("TitlePrefix") {
        Some(prefix) if prefix.ends_with(['\'', '’']) => prefix + &rest,
        Some(prefix) => format!("{prefix} {rest}"),
        None => rest,
    })
}

fn part_number(element: &Element) -> Option<String> {
    element.line("PartNumber").or_else(|| element.line("YearOfAnnual"))
}

fn with_part(title: String, part: Option<String>) -> String {
    match part {
        Some(part) => format!("{title}, {part}"),
        None => title,
    }
}

/// The place in a collection (list 197), by its titles before the order of publication; 01 is the sender's own.
fn sequence_number(collection: &Element) -> Option<String> {
    let of = |code: &str| {
        let found = collection.children("CollectionSequence").find(|one| one.code("CollectionSequenceType") == code)?;
        found.line("CollectionSequenceNumber")
    };
    ["02", "03", "04", "05", "06", "07"].iter().find_map(|code| of(code))
}
