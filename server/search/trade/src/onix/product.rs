//! A product's tree to a record.

use super::element::Element;
use super::{Options, description, publishing, supply};
use crate::entry::quoted;
use crate::isbn::{Isbn, Reading};
use crate::record::{Product, Publishing, Record, Supply, Texts};

/// What holds for all products of a file.
pub(super) struct Context<'a> {
    pub(super) options: &'a Options,
    pub(super) header: &'a Element,
}

/// The record, or why there is none. What could not be used goes to `remarks`.
pub(super) fn record(product: &Element, context: &Context<'_>, remarks: &mut Vec<String>) -> Result<Record, String> {
    let key = product.line("RecordReference").ok_or("the product has no RecordReference")?;
    // List 1. A whole record says all that there is to say, so a block that it lacks is empty.
    let is_whole = match product.code("NotificationType") {
        "01" | "02" | "03" => true,
        "04" => false,
        "05" => return Ok(Record::Withdrawn { key }),
        "" => return Err("the product has no NotificationType".to_owned()),
        code => return Err(format!("NotificationType is none that changes a catalogue: {}", quoted(code))),
    };
    if is_of_release_2(product) {
        return Err("the product is laid out as in ONIX 2.1, and the file says that it is of release 3".to_owned());
    }
    let block = |name: &str| product.child(name);
    let description =
        block("DescriptiveDetail").map(|block| description::read(product, block, context, remarks)).transpose()?;
    if is_whole && description.is_none() {
        return Err("the product has no DescriptiveDetail, and so no title".to_owned());
    }
    let publishing = block("PublishingDetail").map(|block| publishing::read(product, block, remarks));
    let supply = block("ProductSupply").map(|_| supply::read(product, context, remarks));
    Ok(Record::Product(Box::new(Product {
        key,
        isbn: isbn(product, remarks),
        work_key: work_key(product),
        description,
        texts: block("CollateralDetail").map(texts).or_else(|| is_whole.then(Texts::default)),
        publishing: publishing.or_else(|| is_whole.then(Publishing::default)),
        supply: supply.or_else(|| is_whole.then(Supply::default)),
    })))
}

/// Whether parts stand right in the product that release 3 has in its blocks only.
pub(super) fn is_of_release_2(product: &Element) -> bool {
    product.names().any(|name| {
        matches!(
            name,
            "ProductForm"
                | "EpubType"
                | "Title"
                | "Contributor"
                | "Series"
                | "Language"
                | "Subject"
                | "Imprint"
                | "Publisher"
                | "PublicationDate"
                | "SupplyDetail"
        )
    })
}

/// The first valid of ISBN-13 (15 of list 5), GTIN-13 (03) and ISBN-10 (02).
fn isbn(product: &Element, remarks: &mut Vec<String>) -> Option<Isbn> {
    let of = |code: &str| {
        let identifiers = product.children("ProductIdentifier").filter(|one| one.code("ProductIDType") == code);
        identifiers.map(|one| one.code("IDValue")).collect::<Vec<_>>()
    };
    let mut wrong = None;
    for (code, text) in ["15", "03", "02"].iter().flat_map(|&code| of(code).into_iter().map(move |text| (code, text))) {
        match Isbn::read(text) {
            Reading::Valid(isbn) => return Some(isbn),
            // A GTIN-13 is of a book only if it is an ISBN.
            Reading::Wrong | Reading::Other if code == "03" => {}
            Reading::Wrong => wrong = wrong.or(Some(format!("the ISBN has a wrong check digit: {}", quoted(text)))),
            Reading::Other => wrong = wrong.or(Some(format!("the ISBN is none: {}", quoted(text)))),
        }
    }
    remarks.extend(wrong);
    None
}

/// The work of which the product is a manifestation (01 of list 164).
fn work_key(product: &Element) -> Option<String> {
    let works = product.children("RelatedMaterial").flat_map(|block| block.children("RelatedWork"));
    works
        .filter(|work| work.code("WorkRelationCode") == "01")
        .flat_map(|work| work.children("WorkIdentifier"))
        .find_map(|identifier| identifier.line("IDValue"))
}

/// The description (03 of list 153), else the short one (02), as far as they are for everybody (00 and 03 of list 154).
fn texts(block: &Element) -> Texts {
    let is_open = |text: &&Element| {
        let mut audiences = text.children("ContentAudience").peekable();
        audiences.peek().is_none() || audiences.any(|one| matches!(one.own_code(), "00" | "03"))
    };
    let of = |code: &str| {
        let texts = block.children("TextContent").filter(is_open).filter(|text| text.code("TextType") == code);
        texts.filter_map(|text| text.paragraphs("Text")).next()
    };
    Texts { about: of("03").or_else(|| of("02")) }
}
