//! Block 1: what a product is.

use super::date;
use super::element::Element;
use super::product::Context;
use super::{contributor, title};
use crate::entry::quoted;
use crate::record::{Description, SeriesPart, Subject};
use crate::{form, language, number, weight};

pub(super) fn read(
    product: &Element,
    block: &Element,
    context: &Context<'_>,
    remarks: &mut Vec<String>,
) -> Result<Description, String> {
    let title = title::of_type(block, "01").or_else(|| title::any(block)).ok_or("the product has no title")?;
    let mut series: Vec<SeriesPart> = Vec::new();
    for part in block.children("Collection").filter_map(title::of_collection).chain(title.series) {
        if !series.iter().any(|known| known.title == part.title) {
            series.push(part);
        }
    }
    let form = match block.code("ProductForm") {
        "" => form::of_code("00"),
        code => form::of_code(code),
    };
    let original = title::of_type(block, "03").map(|original| original.title);
    Ok(Description {
        form,
        original_title: original.filter(|original| *original != title.title),
        slug: None,
        title: title.title,
        subtitle: title.subtitle,
        contributors: contributor::all(block),
        series,
        subjects: subjects(block),
        languages: languages(block, context, remarks),
        original_language: languages_in_role(block, "02", remarks).into_iter().next(),
        pages: pages(block, remarks),
        weight_g: weight_g(block, remarks),
        first_published: first_published(product, remarks),
        popularity: None,
    })
}

/// Schemes of list 27: Thema, BISAC, BIC, keywords and the sender's own. Qualifiers, such as 94 to 99, are left out.
fn subjects(block: &Element) -> Vec<Subject> {
    let mut composites: Vec<&Element> = block.children("Subject").collect();
    composites.sort_by_key(|one| one.child("MainSubject").is_none());
    let mut subjects = Vec::new();
    for composite in composites {
        let code = composite.line("SubjectCode");
        let heading = composite.line("SubjectHeadingText");
        let found: Vec<Subject> = match composite.code("SubjectSchemeIdentifier") {
            "93" => code.map(Subject::Thema).into_iter().collect(),
            "10" => code.map(Subject::Bisac).into_iter().collect(),
            "12" => code.map(Subject::Bic).into_iter().collect(),
            "20" => heading.or(code).iter().flat_map(|words| words.split(';')).filter_map(keyword).collect(),
            "24" => heading.map(Subject::Heading).into_iter().collect(),
            _ => Vec::new(),
        };
        for subject in found {
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
    }
    subjects
}

fn keyword(word: &str) -> Option<Subject> {
    Some(word.trim()).filter(|word| !word.is_empty()).map(|word| Subject::Heading(word.to_owned()))
}

/// The languages of the text (01 of list 22), else the one that the header says is usual.
fn languages(block: &Element, context: &Context<'_>, remarks: &mut Vec<String>) -> Vec<String> {
    let mut languages = languages_in_role(block, "01", remarks);
    if languages.is_empty() {
        languages.extend(language::code(context.header.code("DefaultLanguageOfText")));
    }
    languages
}

fn languages_in_role(block: &Element, role: &str, remarks: &mut Vec<String>) -> Vec<String> {
    let mut languages = Vec::new();
    for composite in block.children("Language").filter(|one| one.code("LanguageRole") == role) {
        let code = composite.code("LanguageCode");
        match language::code(code) {
            Some(language) if !languages.contains(&language) => languages.push(language),
            Some(_) => {}
            None if code.is_empty() || code == "und" => {}
            None => remarks.push(format!("LanguageCode is not understood: {}", quoted(code))),
        }
    }
    languages
}

/// Extents of list 23 that count pages, the best first; unit 03 of list 24 is pages.
fn pages(block: &Element, remarks: &mut Vec<String>) -> Option<u32> {
    let of = |code: &str| {
        let mut extents = block.children("Extent").filter(|one| matches!(one.code("ExtentUnit"), "03" | ""));
        extents.find(|one| one.code("ExtentType") == code)?.line("ExtentValue")
    };
    let text = ["00", "05", "06", "07", "10", "11"].iter().find_map(|code| of(code))?;
    if number::count(&text) == Some(0) {
        return None;
    }
    let pages = number::pages(&text);
    if pages.is_none() {
        remarks.push(format!("ExtentValue is not understood: {}", quoted(&text)));
    }
    pages
}

/// Measure 08 of list 48.
fn weight_g(block: &Element, remarks: &mut Vec<String>) -> Option<u32> {
    let measure = block.children("Measure").find(|one| one.code("MeasureType") == "08")?;
    let (number, unit) = (measure.code("Measurement"), measure.code("MeasureUnitCode"));
    if number::count(number) == Some(0) {
        return None;
    }
    let weight = weight::measured(number, unit);
    if weight.is_none() {
        remarks.push(format!("Measurement is not understood: {}", quoted(&format!("{number} {unit}"))));
    }
    weight
}

/// When the work appeared first in its own language (20 of list 163), else at all (11).
fn first_published(product: &Element, remarks: &mut Vec<String>) -> Option<i16> {
    let publishing = product.child("PublishingDetail")?;
    let composite = ["20", "11"].iter().find_map(|role| date::in_role(publishing, "PublishingDate", role))?;
    date::of(composite, "PublishingDate of the first publication", remarks).map(|date| date.year)
}
