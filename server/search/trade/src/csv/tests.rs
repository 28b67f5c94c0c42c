use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::record::{Availability, Form, PartialDate, Product, Role, SeriesPart, Subject};

const ALL: &str = r#"
[columns]
key = "id"
isbn = ["isbn13", "isbn10"]
title = { column = "title", series = true, subtitle = ": " }
authors = { column = "authors", between = ["|", ";"] }
translators = { column = "translator", inverted = true }
series = "series"
series_number = "no"
subjects = { column = "subjects", between = "," }
language = "language"
publisher = "publisher"
published = "published"
first_published = "first"
format = "format"
pages = "pages"
weight = "weight"
description = "about"
price = "price"
availability = "availability"
expected = "expected"
embargo = "embargo"
copies = "copies"
popularity = "popularity"
[defaults]
language = "en"
currency = "EUR"
"#;

/// A file of one row that has these columns, and `id` and `title`, read with all columns optional.
fn row(columns: &[(&str, &str)]) -> Result<Entry, Refused> {
    let mapping = Mapping::read(&format!("optional = true\n{ALL}")).expect("valid");
    let title = if columns.iter().any(|(name, _)| *name == "title") { &[][..] } else { &[("title", "Emma")] };
    let (mut header, mut values) = ("id".to_owned(), "k1".to_owned());
    for (name, value) in title.iter().chain(columns) {
        write!(header, ",{name}").expect("memory");
        write!(values, ",\"{}\"", value.replace('"', "\"\"")).expect("memory");
    }
    let file = format!("{header}\n{values}\n");
    let mut steps = Reader::new(file.as_bytes(), &mapping).expect("header");
    let step = steps.next().expect("one").expect("readable");
    assert!(steps.next().is_none());
    step
}

fn product(columns: &[(&str, &str)]) -> (Product, Vec<String>) {
    let entry = row(columns).expect("a product");
    match entry.record {
        Record::Product(product) => (*product, entry.remarks),
        other => panic!("{other:?}"),
    }
}

fn read(mapping: &str, file: &[u8]) -> Vec<Result<Entry, Refused>> {
    let mapping = Mapping::read(mapping).expect("valid");
    Reader::new(file, &mapping).expect("header").map(|step| step.expect("readable")).collect()
}

#[test]
fn every_field_finds_its_place() {
    let (product, remarks) = product(&[
        ("isbn13", "978-0-14-143951-8"),
        ("title", "Emma: A Novel (Austen, #4)"),
        ("authors", "Jane Austen | Another;Jane Austen"),
        ("translator", "Čapek, Karel"),
        ("series", "Classics"),
        ("no", "Vol. 12"),
        ("subjects", "Fiction, Love"),
        ("language", "eng"),
        ("publisher", "John Murray"),
        ("published", "1815-12-23"),
        ("first", "-720.0"),
        ("format", "Hardcover"),
        ("pages", "352 pages"),
        ("weight", "0.4 kg"),
        ("about", "<p>A matchmaker.</p><p>And others.</p>"),
        ("price", "12,50"),
        ("availability", "in stock"),
        ("expected", "2026-02-01"),
        ("embargo", "2026-01-31"),
        ("copies", "3"),
        ("popularity", "77"),
    ]);
    assert_eq!(remarks, [""; 0]);
    assert_eq!(product.key, "k1");
    assert_eq!(product.isbn.expect("an ISBN").as_str(), "9780141439518");
    let description = product.description.expect("described");
    assert_eq!((description.title.as_str(), description.subtitle.as_deref()), ("Emma", Some("A Novel")));
    let people: Vec<_> = description.contributors.iter().map(|one| (one.role, one.person.name.as_str())).collect();
    assert_eq!(people, [(Role::Author, "Jane Austen"), (Role::Author, "Another"), (Role::Translator, "Karel Čapek")]);
    assert_eq!(description.contributors[2].person.sort_name.as_deref(), Some("Čapek, Karel"));
    let part = |title: &str, number: &str| SeriesPart { title: title.to_owned(), number: Some(number.to_owned()) };
    assert_eq!(description.series, [part("Austen", "4"), part("Classics", "12")]);
    assert_eq!(description.subjects, ["Fiction", "Love"].map(|text| Subject::Heading(text.to_owned())));
    assert_eq!(description.languages, ["en"]);
    assert_eq!(description.first_published, Some(-720));
    assert_eq!(description.form, Form::Hardback);
    assert_eq!((description.pages, description.weight_g, description.popularity), (Some(352), Some(400), Some(77)));
    assert_eq!(product.texts.expect("texts").about.as_deref(), Some("A matchmaker.\n\nAnd others."));
    let publishing = product.publishing.expect("publishing");
    assert_eq!(publishing.publisher.as_deref(), Some("John Murray"));
    assert_eq!(publishing.published, Some(PartialDate { year: 1815, month: Some(12), day: Some(23) }));
    assert_eq!(publishing.embargo_until.expect("a day").to_string(), "2026-01-31");
    let supply = product.supply.expect("supply");
    assert_eq!(supply.price.map(|price| (price.minor, price.currency)), Some((1250, "EUR".to_owned())));
    assert_eq!((supply.availability, supply.copies), (Some(Availability::Available), Some(3)));
    assert_eq!(supply.expected.expect("a day").to_string(), "2026-02-01");
}

#[test]
fn isbns_are_found_behind_what_spreadsheets_make_of_them() {
    for (isbn13, isbn10, expected, remarked) in [
        ("9780439023481", "", Some("9780439023481"), ""),
        ("9.78043902348e+12", "439023483", Some("9780439023481"), ""),
        ("9.78043902348e+12", "439023483.0", Some("9780439023481"), ""),
        ("9.78043902348e+12", "", None, "isbn is none: “9.78043902348e+12”"),
        ("=\"9780142402498\"", "", Some("9780142402498"), ""),
        ("", "=\"0142402494\"", Some("9780142402498"), ""),
        ("", "60750715", Some("9780060750718"), ""),
        ("9780439023482", "0439023483", Some("9780439023481"), ""),
        ("9780439023482", "", None, "isbn has a wrong check digit: “9780439023482”"),
        ("", "439023484", None, "isbn has a wrong check digit: “439023484”"),
        ("", "123", None, "isbn is none: “123”"),
        ("", "", None, ""),
    ] {
        let (product, remarks) = product(&[("isbn13", isbn13), ("isbn10", isbn10)]);
        assert_eq!(product.isbn.as_ref().map(crate::Isbn::as_str), expected, "{isbn13} {isbn10}");
        assert_eq!(remarks.join(" "), remarked);
    }
}

#[test]
fn what_is_not_understood_is_remarked() {
    for (field, name, value) in [
        ("language", "language", "elvish"),
        ("published", "published", "soon"),
        ("first_published", "first", "long ago"),
        ("pages", "pages", "many"),
        ("weight", "weight", "light"),
        ("availability", "availability", "perhaps"),
        ("expected", "expected", "2026-02"),
        ("popularity", "popularity", "-1"),
    ] {
        let (_, remarks) = product(&[(name, value)]);
        assert_eq!(remarks, [format!("{field} is not understood: “{value}”")]);
    }
    for (name, value) in [("pages", "0"), ("weight", "0.0"), ("language", ""), ("published", " ")] {
        assert_eq!(product(&[(name, value)]).1, [""; 0]);
    }
    assert_eq!(product(&[("language", "elvish")]).0.description.expect("described").languages, ["en"]);
}

#[test]
fn money_stock_and_embargoes_are_understood_or_the_row_is_refused() {
    for (name, value, reason) in [
        ("price", "cheap", "price is not understood: “cheap” is not an amount of EUR"),
        ("price", "-1", "price is not understood: “-1” is not an amount of EUR"),
        ("copies", "some", "copies is not understood: “some”"),
        ("copies", "-3", "copies is not understood: “-3”"),
        ("embargo", "May 2026", "embargo is not understood: “May 2026”"),
        ("title", " \u{0} ", "the title is empty"),
    ] {
        let refused = row(&[(name, value)]).expect_err("refused");
        assert_eq!((refused.line, refused.key.as_deref(), refused.reason.as_str()), (2, Some("k1"), reason));
    }
}

#[test]
fn a_file_without_descriptions_speaks_only_of_supply() {
    let mapping = "[columns]\nkey = 'id'\nprice = 'p'\ncopies = 'n'\n[defaults]\ncurrency = 'EUR'";
    let entries = read(mapping, b"n,p,id\n3,1.00,a\n,,b\n1,1.00,\n");
    let products: Vec<_> = entries
        .iter()
        .map(|entry| match entry {
            Ok(Entry { record: Record::Product(product), .. }) => {
                assert!(product.description.is_none() && product.texts.is_none() && product.publishing.is_none());
                let supply = product.supply.as_ref().expect("supply");
                (product.key.as_str(), supply.copies, supply.price.as_ref().map(|price| price.minor))
            }
            Err(refused) => (refused.reason.as_str(), None, None),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(products, [("a", Some(3), Some(100)), ("b", None, None), ("the key is empty", None, None)]);
}

#[test]
fn a_file_without_a_header_is_read_by_number() {
    let mapping = "header = false\nseparator = ';'\n[columns]\nkey = 2\ntitle = 1";
    let entries = read(mapping, "Čapek;1\nEmma;2".as_bytes());
    let keys: Vec<_> = entries.iter().map(|entry| (entry.as_ref().expect("a product").line, entry.is_ok())).collect();
    assert_eq!(keys, [(1, true), (2, true)]);
}

#[test]
fn quotation_marks_can_be_text() {
    let mapping = "quoting = false\nseparator = \"\\t\"\n[columns]\nkey = 'id'\ntitle = 't'";
    let entries = read(mapping, b"id\tt\n1\t\"A\" is for\n2\t\"Open\n");
    let titles: Vec<_> = entries.iter().map(|entry| title(entry.as_ref().expect("a product"))).collect();
    assert_eq!(titles, ["\"A\" is for", "\"Open"]);
}

fn title(entry: &Entry) -> String {
    match &entry.record {
        Record::Product(product) => product.description.as_ref().expect("described").title.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_invalid_byte_costs_its_row_and_another_encoding_none() {
    let mapping = "[columns]\nkey = 'id'\ntitle = 't'";
    let file = b"id,t\n1,Caf\xe9\n2,Emma\n";
    let entries = read(mapping, file);
    let refused = entries[0].as_ref().expect_err("refused");
    assert_eq!((refused.line, refused.key.as_deref()), (2, Some("1")));
    assert_eq!(refused.reason, "the row has bytes that are not UTF-8");
    assert!(entries[1].is_ok());
    let entries = read(&format!("encoding = 'windows-1252'\n{mapping}"), file);
    assert_eq!(title(entries[0].as_ref().expect("a product")), "Café");
    let utf_16: Vec<u8> = "\u{feff}id,t\n1,Café\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(title(read(mapping, &utf_16)[0].as_ref().expect("a product")), "Café");
    assert_eq!(
        title(read(mapping, b"\xef\xbb\xbfid,t\n1,Emma").last().expect("one").as_ref().expect("a product")),
        "Emma"
    );
}

#[test]
fn a_header_that_does_not_fit_is_named() {
    let mapping = Mapping::read("[columns]\nkey = 'id'\ntitle = 'Title'").expect("valid");
    for (file, reason) in [
        ("", "line 1: the file is empty, and has no header"),
        ("\n\nid,name\n", "line 3: the header has no column “Title” for title, but “id, name”"),
        ("id,title,TITLE\n", "line 1: the header has several columns “Title”"),
        ("id,\"title\n", "line 1: the header: a quotation mark opens in the row and is not closed"),
        ("id,\u{0}Title\n", "line 1: the header is not UTF-8: the mapping must name the file's encoding"),
    ] {
        let error = Reader::new(file.as_bytes(), &mapping).err().expect(file);
        assert_eq!(error.to_string(), reason);
    }
    assert!(Reader::new("ID,title\n".as_bytes(), &mapping).is_ok());
    let optional =
        Mapping::read("optional = true\n[columns]\nkey = 'id'\ntitle = 'title'\npages = 'p'").expect("valid");
    for (header, reason) in [("title", "no column that is the key"), ("id,p", "pages is of no use without a title")] {
        let error = Reader::new(header.as_bytes(), &optional).err().expect(header);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn the_plain_mapping_reads_its_own_columns() {
    let file = "key,title,authors,price,copies\n1,Emma,Jane Austen|Another,9.99,3\n";
    let mapping = Mapping::read(OCTAVO).expect("valid").with_currency("EUR");
    let entries: Vec<_> = Reader::new(file.as_bytes(), &mapping).expect("header").collect();
    assert!(matches!(entries.as_slice(), [Ok(Ok(entry))] if entry.remarks.is_empty() && title(entry) == "Emma"));
}

#[test]
fn a_goodreads_export_is_read() {
    let file = "Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,Publisher,Binding,Number of Pages,\
                Year Published,Original Publication Year\n\
                7,\"Ronia: A Tale (Ronia, #1)\",Ann   Author,\"Author, Ann\",\"Bea B, Cy C\",\"=\"\"0142402494\"\"\",\
                \"=\"\"\"\"\",Puffin,Mass Market Paperback,160,2005,1945\n";
    let entries = read(GOODREADS, file.as_bytes());
    let Ok(Entry { record: Record::Product(product), remarks, .. }) = &entries[0] else { panic!("{entries:?}") };
    assert_eq!(remarks, &[""; 0]);
    assert_eq!(product.isbn.as_ref().map(crate::Isbn::as_str), Some("9780142402498"));
    let description = product.description.as_ref().expect("described");
    assert_eq!((description.title.as_str(), description.subtitle.as_deref()), ("Ronia", Some("A Tale")));
    let names: Vec<_> = description.contributors.iter().map(|one| one.person.name.as_str()).collect();
    assert_eq!(names, ["Ann Author", "Bea B", "Cy C"]);
    assert_eq!((description.form, description.first_published), (Form::Paperback, Some(1945)));
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), tail in "[a-z,\"\n]*") {
        let mapping = Mapping::read(&format!("optional = true\n{ALL}")).expect("valid");
        if let Ok(reader) = Reader::new(bytes.as_slice(), &mapping) {
            reader.for_each(drop);
        }
        let file = [b"id,title,isbn13,price,published\n".as_slice(), &bytes, tail.as_bytes()].concat();
        Reader::new(file.as_slice(), &mapping).expect("header").for_each(drop);
    }

    #[test]
    fn any_cells_become_a_product_or_a_reason(cells in proptest::collection::vec("\\PC*", 8)) {
        let names = ["isbn13", "price", "published", "first", "pages", "weight", "series", "language"];
        let columns: Vec<_> = names.into_iter().zip(cells.iter().map(String::as_str)).collect();
        if let Err(refused) = row(&columns) {
            prop_assert!(refused.reason.chars().count() < 200);
        }
    }
}
