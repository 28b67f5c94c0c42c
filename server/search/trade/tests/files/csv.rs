use trade::Record;
use trade::csv::{GOODBOOKS, GOODREADS, Mapping, Reader};
use trade::record::Product;

use super::{Told, cut, file};

const TIDY: &str = r##"
[columns]
key = "id"
isbn = ["isbn13", "isbn10"]
title = "title"
series = { column = "series", between = "; " }
original_title = "original_title"
authors = { column = "authors", between = "|" }
first_published = "year"
language = "language"
popularity = "ratings_count"
"##;
const TAGS: &str = "[columns]\nkey = 'tag_id'\ntitle = 'tag_name'";
const RENEWALS: &str = "[columns]\nkey = 'id'\ntitle = 'title'\nauthors = 'author'\nfirst_published = 'registered'";
const OLD: &str =
    "separator = \"\\t\"\nquoting = false\n[columns]\nkey = 'entry_id'\ntitle = 'title'\nauthors = 'author'";
const OLD_DATABASE: &str =
    "separator = \"\\t\"\nquoting = false\n[columns]\nkey = 'entry_id'\ntitle = 'titl'\nauthors = 'auth'";
const COVERS: &str = "header = false\n[columns]\nkey = 1\nisbn = 1\ntitle = 4\nauthors = 5\nsubjects = 7";

/// The file, its mapping, its products, the rows that are refused, and the ISBNs that are stored.
const FILES: [(&str, &str, usize, usize, usize); 9] = [
    ("goodbooks10k/catalogue.csv", TIDY, 10_000, 0, 9_277),
    ("goodbooks10k/raw/books.csv", GOODBOOKS, 10_000, 0, 9_277),
    ("goodbooks10k/raw/tags.csv", TAGS, 34_252, 0, 0),
    ("renewals/catalogue.csv", RENEWALS, 147_587, 0, 0),
    // Without a title.
    ("renewals/raw_samples/1950-14A.tsv", OLD, 6_617, 73, 0),
    ("renewals/raw_samples/1960-1.tsv", OLD, 5_143, 465, 0),
    ("renewals/raw_samples/1985-from-db.tsv", OLD_DATABASE, 20_536, 0, 0),
    // With bytes that are not UTF-8.
    ("bookcover/book30-listing-test.csv", COVERS, 5_681, 19, 5_555),
    ("openlibrary/goodreads_library_export.csv", GOODREADS, 3, 0, 2),
];

fn read(mapping: &str, bytes: &[u8]) -> Told {
    let mapping = Mapping::read(mapping).unwrap_or_else(|error| panic!("{error}"));
    Told::by(Reader::new(bytes, &mapping))
}

fn products(told: &Told) -> impl Iterator<Item = &Product> {
    told.entries().map(|entry| match &entry.record {
        Record::Product(product) => &**product,
        other => panic!("{other:?}"),
    })
}

#[test]
fn every_row_is_a_product_or_refused_with_its_line() {
    for (name, mapping, kept, refused, isbns) in FILES {
        let Some(bytes) = file(name) else { continue };
        let told = read(mapping, &bytes);
        assert_eq!(told.counts(), (kept, refused, true), "{name}");
        assert_eq!(products(&told).filter(|product| product.isbn.is_some()).count(), isbns, "{name}");
        match name {
            "goodbooks10k/raw/books.csv" => {
                assert_eq!(told.remarks("isbn has a wrong check digit"), 23);
                assert_eq!(told.remarks("isbn is none"), 135);
                let described = || products(&told).filter_map(|product| product.description.as_ref());
                assert_eq!(described().filter(|found| found.first_published.is_some()).count(), 9_979);
                assert_eq!(described().filter(|found| found.languages.len() == 1).count(), 8_916);
                assert!(described().filter(|found| !found.series.is_empty()).count() > 4_400);
            }
            "bookcover/book30-listing-test.csv" => {
                assert_eq!(told.remarks("isbn"), 126);
                let lines: Vec<u64> = told.refused().take(3).map(|refused| refused.line).collect();
                assert_eq!(lines, [529, 668, 709]);
                assert!(told.refused().all(|refused| refused.reason == "the row has bytes that are not UTF-8"));
            }
            "goodbooks10k/catalogue.csv" => assert_eq!(told.remarks("isbn"), 0),
            _ if refused > 0 => assert!(told.refused().all(|refused| refused.reason == "the title is empty")),
            _ => {}
        }
    }
}

#[test]
fn a_file_that_is_cut_gives_all_before_the_cut() {
    for (name, mapping, ..) in FILES {
        let Some(bytes) = file(name) else { continue };
        let start = &bytes[..bytes.len().min(100_000)];
        cut(name, start, 100, |piece| read(mapping, piece));
    }
}
