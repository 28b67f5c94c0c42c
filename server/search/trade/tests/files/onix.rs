use time::macros::date;
use trade::Record;
use trade::onix::{Options, Reader};

use super::{Told, cut, file};

const OUTDATED: &str = "ONIX 2.1";
const NOT_ONIX: &str = "not ONIX";

/// The file, its products, those that are refused, and why it is not read.
const FILES: [(&str, usize, usize, &str); 67] = [
    ("onix/im_onix/9782707154298.xml", 1, 0, ""),
    ("onix/im_onix/9782752906700.xml", 4, 0, ""),
    ("onix/im_onix/audio1.xml", 1, 0, ""),
    ("onix/im_onix/audio2.xml", 1, 0, ""),
    ("onix/im_onix/bad_content_date_format.xml", 1, 0, ""),
    ("onix/im_onix/embargo-date.xml", 1, 0, ""),
    ("onix/im_onix/fixed_layout.xml", 1, 0, ""),
    ("onix/im_onix/full-sender.xml", 1, 0, ""),
    ("onix/im_onix/full_sample.xml", 1, 0, ""),
    ("onix/im_onix/illustrations.xml", 4, 0, ""),
    // Whole records without a title.
    ("onix/im_onix/invalid_textformat.xml", 0, 1, ""),
    ("onix/im_onix/invalid_textformat_cdata.xml", 0, 1, ""),
    ("onix/im_onix/invalid_textformat_cdata_xhtml.xml", 0, 1, ""),
    ("onix/im_onix/invalid_textformat_text.xml", 0, 1, ""),
    ("onix/im_onix/onix2.xml", 0, 0, OUTDATED),
    ("onix/im_onix/onix2_product.xml", 0, 0, OUTDATED),
    ("onix/im_onix/other-publication-date-format.xml", 1, 0, ""),
    ("onix/im_onix/preorder-embargo-date.xml", 1, 0, ""),
    ("onix/im_onix/price_to_be_announced.xml", 1, 0, ""),
    ("onix/im_onix/reflowable.xml", 1, 0, ""),
    ("onix/im_onix/shared_promotional.xml", 1, 0, ""),
    ("onix/im_onix/short.xml", 1, 0, ""),
    ("onix/im_onix/streaming.xml", 1, 0, ""),
    ("onix/im_onix/test_YYYY_date_format.xml", 1, 0, ""),
    ("onix/im_onix/test_collection.xml", 0, 0, NOT_ONIX),
    ("onix/im_onix/test_outlet.xml", 1, 0, ""),
    ("onix/im_onix/test_prices1.xml", 1, 0, ""),
    ("onix/im_onix/test_prices2.xml", 1, 0, ""),
    ("onix/im_onix/test_prices3.xml", 1, 0, ""),
    ("onix/im_onix/test_prices4.xml", 1, 0, ""),
    ("onix/im_onix/test_prices5.xml", 1, 0, ""),
    ("onix/im_onix/test_prices6.xml", 1, 0, ""),
    ("onix/im_onix/test_prices_unpriced.xml", 1, 0, ""),
    ("onix/im_onix/test_prices_with_multiple_periods.xml", 1, 0, ""),
    ("onix/im_onix/test_prices_with_only_from_date.xml", 1, 0, ""),
    ("onix/im_onix/test_prices_with_only_until_date.xml", 1, 0, ""),
    ("onix/im_onix/test_several_protections.xml", 1, 0, ""),
    ("onix/im_onix/test_wiley_data.xml", 0, 0, OUTDATED),
    ("onix/im_onix/unqualified-prices.xml", 1, 0, ""),
    ("onix/jaerith/Legacy_Sample-1-Product.xml", 0, 0, OUTDATED),
    ("onix/jaerith/Legacy_Sample-5-Products.xml", 0, 0, OUTDATED),
    ("onix/jaerith/Legacy_Sample-50-Products.xml", 0, 0, OUTDATED),
    ("onix/jaerith/Legacy_Sample-500-Products.xml", 0, 0, OUTDATED),
    ("onix/jaerith/Onix2CoreDataSample1.xml", 0, 0, OUTDATED),
    ("onix/jaerith/Onix2CoreDataSample1ShortTags.xml", 0, 0, OUTDATED),
    ("onix/jaerith/Onix3SupportingResourceSample1.xml", 1, 0, ""),
    ("onix/jaerith/Onix3SupportingResourceSample1ShortTags.xml", 1, 0, ""),
    ("onix/jaerith/Onix3sample_refnames.xml", 1, 0, ""),
    // Products without a RecordReference.
    ("onix/jaerith/Onix3sample_refnames_badchar.xml", 0, 3, ""),
    ("onix/jaerith/Onix3sample_refnames_badchar_2.xml", 0, 3, ""),
    ("onix/jaerith/Onix3sample_refnames_blockupdate.xml", 1, 0, ""),
    ("onix/jaerith/Onix3sample_shorttags.xml", 1, 0, ""),
    ("onix/jaerith/Onix3sample_shorttags_blockupdate.xml", 1, 0, ""),
    ("onix/jaerith/V3_Sample-1-Product.xml", 1, 0, ""),
    ("onix/jaerith/V3_Sample-5-Products.xml", 5, 0, ""),
    ("onix/jaerith/V3_Sample-50-Products.xml", 50, 0, ""),
    ("onix/jaerith/V3_Sample-500-Products.xml", 500, 0, ""),
    ("onix/jonix/Onix3.1-single-ref.xml", 1, 0, ""),
    ("onix/jonix/Onix3.1-single-short.xml", 1, 0, ""),
    ("onix/jonix/onix2-multiple.xml", 0, 0, OUTDATED),
    ("onix/jonix/onix2-single.xml", 0, 0, OUTDATED),
    ("onix/jonix/onix3-multiple.xml", 21, 0, ""),
    ("onix/jonix/onix3-single.xml", 1, 0, ""),
    ("onix/jonix/single-book-onix2.xml", 0, 0, OUTDATED),
    ("onix/jonix/single-book-onix3-short.xml", 1, 0, ""),
    ("onix/jonix/single-book-onix3.xml", 1, 0, ""),
    ("goodbooks10k/raw/sample_book.xml", 0, 0, NOT_ONIX),
];

fn read(currency: Option<&str>, bytes: &[u8]) -> Told {
    let options = Options { currency: currency.map(str::to_owned), today: date!(2016 - 07 - 08) };
    Told::by(Reader::new(bytes, options))
}

#[test]
fn every_product_is_read_and_older_files_are_refused_as_a_whole() {
    for (name, kept, refused, reason) in FILES {
        let Some(bytes) = file(name) else { continue };
        let told = read(None, &bytes);
        assert_eq!(told.counts(), (kept, refused, reason.is_empty()), "{name}: {:?}", told.fatal);
        assert!(told.fatal.unwrap_or_default().contains(reason), "{name}");
    }
}

#[test]
fn both_kinds_of_tags_say_the_same() {
    for (long, short) in [
        ("onix/jonix/Onix3.1-single-ref.xml", "onix/jonix/Onix3.1-single-short.xml"),
        ("onix/jonix/single-book-onix3.xml", "onix/jonix/single-book-onix3-short.xml"),
        ("onix/jaerith/Onix3sample_refnames_blockupdate.xml", "onix/jaerith/Onix3sample_shorttags_blockupdate.xml"),
    ] {
        let (Some(long), Some(short)) = (file(long), file(short)) else { continue };
        let records = |bytes: &[u8]| read(None, bytes).entries().map(|entry| entry.record.clone()).collect::<Vec<_>>();
        assert_eq!(records(&long), records(&short));
    }
}

#[test]
fn the_price_of_a_day_and_a_currency_is_found() {
    for (name, currency, expected) in [
        ("onix/im_onix/full_sample.xml", None, Some("799 GBP")),
        ("onix/im_onix/9782707154298.xml", None, Some("699 EUR")),
        ("onix/im_onix/9782707154298.xml", Some("SEK"), Some("6900 SEK")),
        ("onix/im_onix/test_prices2.xml", Some("BRL"), Some("1120 BRL")),
        ("onix/im_onix/streaming.xml", Some("CHF"), Some("750 CHF")),
        ("onix/im_onix/price_to_be_announced.xml", None, None),
        // Its promotion is for others than all shoppers.
        ("onix/im_onix/unqualified-prices.xml", None, Some("899 EUR")),
        ("onix/jonix/onix3-single.xml", None, Some("2699 AUD")),
        ("onix/jonix/onix3-single.xml", Some("EUR"), None),
    ] {
        let Some(bytes) = file(name) else { continue };
        let told = read(currency, &bytes);
        let Some(Record::Product(product)) = told.entries().next().map(|entry| &entry.record) else { panic!("{name}") };
        let price = product.supply.as_ref().and_then(|supply| supply.price.as_ref());
        let price = price.map(|price| format!("{} {}", price.minor, price.currency));
        assert_eq!(price.as_deref(), expected, "{name} {:?}", told.entries().next().map(|entry| &entry.remarks));
    }
}

#[test]
fn a_file_that_is_cut_gives_all_before_the_cut() {
    for (name, ..) in FILES {
        let Some(bytes) = file(name) else { continue };
        let start = &bytes[..bytes.len().min(100_000)];
        cut(name, start, 40, |piece| read(None, piece));
    }
}
