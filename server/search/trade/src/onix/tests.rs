use std::fmt::Write;

use proptest::prelude::*;
use time::macros::date;

use super::*;
use crate::record::{
    Availability, Form, PartialDate, Price, Product, PublishingStatus, Record, Role, SeriesPart, Subject,
};

const TITLE: &str = "<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>\
                     <TitleText>Emma</TitleText></TitleElement></TitleDetail>";

fn options() -> Options {
    Options { currency: None, today: date!(2026 - 01 - 15) }
}

fn steps(file: &[u8]) -> Vec<Step> {
    Reader::new(file, options()).expect("memory").collect()
}

/// A message around products.
fn message(products: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<ONIXMessage release=\"3.0\">\n<Header/>\n{products}</ONIXMessage>\n")
}

/// A whole record in one line, with these blocks.
fn whole(key: &str, blocks: &str) -> String {
    let head = format!("<RecordReference>{key}</RecordReference><NotificationType>03</NotificationType>");
    format!("<Product>{head}{blocks}</Product>\n")
}

/// What each step gave: the line, and the key or what was wrong.
fn told(file: &[u8]) -> Vec<String> {
    let told = |step: Step| match step {
        Ok(Ok(Entry { line, record: Record::Product(product), .. })) => format!("{line}: {}", product.key),
        Ok(Ok(Entry { line, record: Record::Withdrawn { key }, .. })) => format!("{line}: without {key}"),
        Ok(Ok(entry)) => panic!("{entry:?}"),
        Ok(Err(refused)) => format!("{}? {}", refused.line, refused.reason),
        Err(error) => format!("{}! {error}", error.line()),
    };
    steps(file).into_iter().map(told).collect()
}

fn read_with(options: Options, header: &str, product: &str) -> (Product, Vec<String>) {
    let file = format!("<ONIXMessage release='3.1'><Header>{header}</Header>{product}</ONIXMessage>");
    let mut steps: Vec<Step> = Reader::new(file.as_bytes(), options).expect("memory").collect();
    assert_eq!(steps.len(), 1, "{steps:?}");
    match steps.remove(0) {
        Ok(Ok(Entry { record: Record::Product(product), remarks, .. })) => (*product, remarks),
        other => panic!("{other:?}"),
    }
}

fn read(blocks: &str) -> (Product, Vec<String>) {
    read_with(options(), "", &whole("k1", blocks))
}

/// A product of which only the description matters.
fn described(details: &str) -> (crate::record::Description, Vec<String>) {
    let (product, remarks) = read(&format!("<DescriptiveDetail>{details}</DescriptiveDetail>"));
    (product.description.expect("described"), remarks)
}

fn with_title(details: &str) -> (crate::record::Description, Vec<String>) {
    described(&format!("{details}{TITLE}"))
}

#[test]
fn a_whole_record_speaks_of_every_block_and_an_update_of_the_given_ones() {
    let description = format!("<DescriptiveDetail>{TITLE}</DescriptiveDetail>");
    let (product, remarks) = read(&description);
    assert!(product.texts.is_some() && product.publishing.is_some() && product.supply.is_some());
    assert_eq!(remarks, [""; 0]);
    let update = whole("k1", "<ProductSupply/>").replace("03<", "04<");
    let (product, _) = read_with(options(), "", &update);
    assert!(product.description.is_none() && product.texts.is_none() && product.publishing.is_none());
    assert!(product.supply.is_some());
}

#[test]
fn products_that_cannot_be_kept_are_refused_alone() {
    let good = whole("good", &format!("<DescriptiveDetail>{TITLE}</DescriptiveDetail>"));
    let products = [
        whole("bare", ""),
        whole("untitled", "<DescriptiveDetail><ProductForm>BB</ProductForm></DescriptiveDetail>"),
        good.replace("<RecordReference>good</RecordReference>", ""),
        good.replace("<NotificationType>03</NotificationType>", ""),
        good.replace("03</NotificationType>", "88</NotificationType>"),
        good.replace("<DescriptiveDetail>", "<ProductForm>BB</ProductForm><DescriptiveDetail>"),
        whole("gone", "").replace("03<", "05<"),
        good.clone(),
    ];
    assert_eq!(
        told(message(&products.concat()).as_bytes()),
        [
            "4? the product has no DescriptiveDetail, and so no title",
            "5? the product has no title",
            "6? the product has no RecordReference",
            "7? the product has no NotificationType",
            "8? NotificationType is none that changes a catalogue: “88”",
            "9? the product is laid out as in ONIX 2.1, and the file says that it is of release 3",
            "10: without gone",
            "11: good",
        ]
    );
}

#[test]
fn short_tags_prefixes_and_bare_products_are_read_alike() {
    let short = "<ONIXmessage release='3.0' xmlns='http://ns.editeur.org/onix/3.0/short'><product><a001>k1</a001>\
                 <a002>03</a002><descriptivedetail><b012>BC</b012><titledetail><b202>01</b202><titleelement><b203>Emma\
                 </b203></titleelement></titledetail></descriptivedetail></product></ONIXmessage>";
    let long =
        message(&whole("k1", &format!("<DescriptiveDetail><ProductForm>BC</ProductForm>{TITLE}</DescriptiveDetail>")));
    let prefixed = long.replace("</", "</o:").replace('<', "<o:").replace("<o:/", "</").replace("<o:?", "<?");
    let bare = whole("k1", &format!("<DescriptiveDetail><ProductForm>BC</ProductForm>{TITLE}</DescriptiveDetail>"));
    let records: Vec<Record> = [short, &long, &prefixed, &bare, &format!("{bare}{bare}")]
        .iter()
        .flat_map(|file| steps(file.as_bytes()))
        .map(|step| step.expect("readable").expect("kept").record)
        .collect();
    assert_eq!(records.len(), 6);
    assert!(records.iter().all(|record| *record == records[0]), "{records:?}");
}

#[test]
fn titles_are_put_together_from_their_elements() {
    let element = |level: &str, rest: &str| {
        format!("<TitleElement><TitleElementLevel>{level}</TitleElementLevel>{rest}</TitleElement>")
    };
    let text = |text: &str| format!("<TitleText>{text}</TitleText>");
    for (elements, title, subtitle, series) in [
        (element("01", &text("Emma")), "Emma", None, None),
        (
            element("01", "<TitlePrefix>The</TitlePrefix><TitleWithoutPrefix>Hobbit</TitleWithoutPrefix>"),
            "The Hobbit",
            None,
            None,
        ),
        (
            element("01", "<TitlePrefix>L’</TitlePrefix><TitleWithoutPrefix>Étranger</TitleWithoutPrefix>"),
            "L’Étranger",
            None,
            None,
        ),
        (
            element("01", "<NoPrefix/><TitleWithoutPrefix>Emma</TitleWithoutPrefix><Subtitle>A Novel</Subtitle>"),
            "Emma",
            Some("A Novel"),
            None,
        ),
        (
            element("01", &format!("<PartNumber>Volume 2</PartNumber>{}", text("Letters"))),
            "Letters, Volume 2",
            None,
            None,
        ),
        (
            element("02", &text("Annual Review")) + &element("01", "<PartNumber>Volume 3</PartNumber>"),
            "Annual Review, Volume 3",
            None,
            Some(("Annual Review", Some("3"))),
        ),
        (
            element("01", &format!("<PartNumber>Book 1</PartNumber>{}", text("Mort")))
                + &element("02", &text("Discworld")),
            "Mort",
            None,
            Some(("Discworld", Some("1"))),
        ),
        (
            element("01", &format!("<SequenceNumber>2</SequenceNumber>{}", text("Second")))
                + &element("01", &format!("<SequenceNumber>1</SequenceNumber>{}", text("First"))),
            "First",
            None,
            None,
        ),
    ] {
        let (found, _) = described(&format!("<TitleDetail><TitleType>01</TitleType>{elements}</TitleDetail>"));
        assert_eq!((found.title.as_str(), found.subtitle.as_deref()), (title, subtitle));
        let part =
            series.map(|(title, number)| SeriesPart { title: title.to_owned(), number: number.map(str::to_owned) });
        assert_eq!(found.series, part.into_iter().collect::<Vec<_>>(), "{title}");
    }
    let original = TITLE.replace("01</TitleType>", "03</TitleType>").replace("Emma", "Emma, ein Roman");
    assert_eq!(with_title(&original).0.original_title.as_deref(), Some("Emma, ein Roman"));
    assert_eq!(with_title(&TITLE.replace("01</TitleType>", "03</TitleType>")).0.original_title, None);
}

#[test]
fn collections_are_series() {
    let collection = |rest: &str| {
        format!(
            "<Collection><CollectionType>10</CollectionType>{rest}<TitleDetail><TitleType>01</TitleType><TitleElement>\
             <TitleElementLevel>02</TitleElementLevel><TitleText>Earthsea</TitleText></TitleElement></TitleDetail>\
             </Collection>"
        )
    };
    let sequence = |kind: &str, number: &str| {
        format!(
            "<CollectionSequence><CollectionSequenceType>{kind}</CollectionSequenceType>\
             <CollectionSequenceNumber>{number}\
             </CollectionSequenceNumber></CollectionSequence>"
        )
    };
    for (rest, number) in [
        (String::new(), None),
        (sequence("02", "3"), Some("3")),
        (sequence("03", "4") + &sequence("02", "3"), Some("3")),
        (sequence("01", "x77"), None),
    ] {
        let (description, _) = with_title(&collection(&rest));
        let expected = SeriesPart { title: "Earthsea".to_owned(), number: number.map(str::to_owned) };
        assert_eq!(description.series, [expected]);
    }
    let numbered = collection("").replace("<TitleText>", "<PartNumber>Vol. 5</PartNumber><TitleText>");
    assert_eq!(with_title(&numbered).0.series[0].number.as_deref(), Some("5"));
}

#[test]
fn contributors_have_names_roles_and_an_order() {
    let contributor = |rest: &str| format!("<Contributor>{rest}</Contributor>");
    let role = |code: &str| format!("<ContributorRole>{code}</ContributorRole>");
    let (description, _) = with_title(
        &[
            contributor(&format!("<SequenceNumber>2</SequenceNumber>{}<PersonName>Ben B</PersonName>", role("B06"))),
            contributor(&format!(
                "<SequenceNumber>1</SequenceNumber>{}<NameIdentifier><NameIDType>16</NameIDType><IDValue>0000</IDValue>\
                 </NameIdentifier><NamesBeforeKey>Ann</NamesBeforeKey><PrefixToKey>van</PrefixToKey>\
                 <KeyNames>A</KeyNames>\
                 <SuffixToKey>Jr</SuffixToKey><AlternativeName><PersonName>A. A.</PersonName></AlternativeName>\
                 <BiographicalNote><p>Wrote <i>much</i>.</p></BiographicalNote>",
                role("A01") + &role("A12")
            )),
            contributor(&format!("{}<PersonNameInverted>C, Cy</PersonNameInverted>", role("B10"))),
            contributor(&format!("{}<CorporateName>The Society</CorporateName>", role("A24"))),
            contributor(&format!("{}<UnnamedPersons>04</UnnamedPersons>", role("A01"))),
            contributor(&format!("{}<PersonName>Cover Artist</PersonName>", role("A36"))),
        ]
        .concat(),
    );
    let named: Vec<_> = description.contributors.iter().map(|one| (one.role, one.person.name.as_str())).collect();
    assert_eq!(
        named,
        [
            (Role::Author, "Ann van A Jr"),
            (Role::Illustrator, "Ann van A Jr"),
            (Role::Translator, "Ben B"),
            (Role::Editor, "Cy C"),
            (Role::Translator, "Cy C"),
            (Role::Introduction, "The Society"),
        ]
    );
    let ann = &description.contributors[0].person;
    assert_eq!((ann.key.as_deref(), ann.sort_name.as_deref()), (Some("0000"), Some("A, Ann van")));
    assert_eq!((ann.other_names.as_slice(), ann.about.as_deref()), (&["A. A.".to_owned()][..], Some("Wrote much.")));
    assert_eq!(description.contributors[3].person.sort_name.as_deref(), Some("C, Cy"));
    let (only, _) = with_title(&contributor(&format!("{}<PersonName>Cover Artist</PersonName>", role("A36"))));
    assert_eq!(only.contributors[0].role, Role::Other);
}

#[test]
fn subjects_languages_pages_weight_and_form_are_read_by_their_codes() {
    let subject = |scheme: &str, rest: &str| {
        format!("<Subject>{rest}<SubjectSchemeIdentifier>{scheme}</SubjectSchemeIdentifier></Subject>")
    };
    let (description, remarks) = with_title(
        &[
            "<ProductForm>BB</ProductForm>",
            "<Measure><MeasureType>01</MeasureType><Measurement>200</Measurement>\
             <MeasureUnitCode>mm</MeasureUnitCode></Measure>",
            "<Measure><MeasureType>08</MeasureType><Measurement>1.5</Measurement>\
             <MeasureUnitCode>lb</MeasureUnitCode></Measure>",
            &subject("10", "<SubjectCode>FIC004000</SubjectCode>"),
            &subject("20", "<SubjectHeadingText>love; letters;;love</SubjectHeadingText>"),
            &subject("93", "<MainSubject/><SubjectCode>FBC</SubjectCode>"),
            &subject("94", "<SubjectCode>1DDU</SubjectCode>"),
            &subject("12", "<SubjectCode>FC</SubjectCode>"),
            &subject("24", "<SubjectHeadingText>Our classics</SubjectHeadingText>"),
            "<Language><LanguageRole>01</LanguageRole><LanguageCode>eng</LanguageCode></Language>",
            "<Language><LanguageRole>02</LanguageRole><LanguageCode>ger</LanguageCode></Language>",
            "<Language><LanguageRole>01</LanguageRole><LanguageCode>qqq</LanguageCode></Language>",
            "<Extent><ExtentType>11</ExtentType><ExtentValue>9</ExtentValue><ExtentUnit>03</ExtentUnit></Extent>",
            "<Extent><ExtentType>00</ExtentType><ExtentValue>352</ExtentValue><ExtentUnit>03</ExtentUnit></Extent>",
            "<Extent><ExtentType>00</ExtentType><ExtentValue>7</ExtentValue><ExtentUnit>05</ExtentUnit></Extent>",
        ]
        .concat(),
    );
    assert_eq!((description.form, description.pages, description.weight_g), (Form::Hardback, Some(352), Some(680)));
    let text = str::to_owned;
    assert_eq!(
        description.subjects,
        [
            Subject::Thema(text("FBC")),
            Subject::Bisac(text("FIC004000")),
            Subject::Heading(text("love")),
            Subject::Heading(text("letters")),
            Subject::Bic(text("FC")),
            Subject::Heading(text("Our classics")),
        ]
    );
    assert_eq!(
        (description.languages.as_slice(), description.original_language.as_deref()),
        (&[text("en")][..], Some("de"))
    );
    assert_eq!(remarks, ["LanguageCode is not understood: “qqq”"]);
    let details = "<DescriptiveDetail>".to_owned() + TITLE + "</DescriptiveDetail>";
    let header = "<DefaultLanguageOfText>fre</DefaultLanguageOfText>";
    let (product, _) = read_with(options(), header, &whole("k1", &details));
    assert_eq!(product.description.expect("described").languages, ["fr"]);
}

#[test]
fn an_isbn_is_the_first_valid_one() {
    let identifier = |kind: &str, value: &str| {
        format!(
            "<ProductIdentifier><ProductIDType>{kind}</ProductIDType><IDValue>{value}</IDValue></ProductIdentifier>"
        )
    };
    for (identifiers, expected, remarked) in [
        (identifier("03", "9780141439518"), Some("9780141439518"), ""),
        (identifier("02", "0141439513"), Some("9780141439518"), ""),
        (identifier("03", "4006381333931"), None, ""),
        (identifier("15", "9780141439519") + &identifier("02", "0141439513"), Some("9780141439518"), ""),
        (identifier("15", "9780141439519"), None, "the ISBN has a wrong check digit: “9780141439519”"),
        (identifier("15", "none"), None, "the ISBN is none: “none”"),
        (identifier("01", "9780141439518"), None, ""),
    ] {
        let (product, remarks) = read(&format!("{identifiers}<DescriptiveDetail>{TITLE}</DescriptiveDetail>"));
        assert_eq!(product.isbn.as_ref().map(crate::Isbn::as_str), expected, "{identifiers}");
        assert_eq!(remarks.join(" "), remarked);
    }
}

/// The publishing block of a whole record, with more of the product behind it.
fn published(details: &str, more: &str) -> (crate::record::Publishing, Vec<String>) {
    let blocks =
        format!("<DescriptiveDetail>{TITLE}</DescriptiveDetail><PublishingDetail>{details}</PublishingDetail>{more}");
    let (product, remarks) = read(&blocks);
    (product.publishing.expect("publishing"), remarks)
}

#[test]
fn publishing_has_a_publisher_dates_and_a_status() {
    let day = |role: &str, text: &str| {
        format!("<PublishingDate><PublishingDateRole>{role}</PublishingDateRole><Date>{text}</Date></PublishingDate>")
    };
    let imprint = "<Imprint><ImprintName>Imprint</ImprintName></Imprint>";
    let publisher = |role: &str, name: &str| {
        format!("<Publisher><PublishingRole>{role}</PublishingRole><PublisherName>{name}</PublisherName></Publisher>")
    };
    let (found, _) = published(imprint, "");
    assert_eq!(found.publisher.as_deref(), Some("Imprint"));
    let market = "<ProductSupply><MarketPublishingDetail><MarketDate><MarketDateRole>02</MarketDateRole>\
                  <Date>20260301</Date></MarketDate></MarketPublishingDetail></ProductSupply>";
    let details = [
        imprint,
        &publisher("02", "Second"),
        &publisher("01", "First"),
        "<PublishingStatus>02</PublishingStatus>",
        &day("01", "20260131").replace("<Date>", "<Date dateformat='00'>"),
        &day("02", "20260201"),
    ];
    let (found, remarks) = published(&details.concat(), market);
    assert_eq!(found.publisher.as_deref(), Some("First"));
    assert_eq!(found.status, Some(PublishingStatus::Forthcoming));
    assert_eq!(found.published, Some(PartialDate { year: 2026, month: Some(1), day: Some(31) }));
    assert_eq!(found.embargo_until, Some(date!(2026 - 03 - 01)));
    assert_eq!(remarks, [""; 0]);
    let (found, remarks) = published(&(day("01", "soon") + &day("02", "202602")), "");
    assert_eq!((found.published, found.embargo_until), (None, None));
    assert_eq!(remarks, ["PublishingDate is not understood: “soon”", "the embargo has no day: “202602”"]);
    let (product, _) = read(&format!(
        "<DescriptiveDetail>{TITLE}</DescriptiveDetail><PublishingDetail>{}</PublishingDetail>",
        day("11", "1817") + &day("20", "1815")
    ));
    assert_eq!(product.description.expect("described").first_published, Some(1815));
}

/// What a price is made of: type, amount, currency, and whatever else.
fn price(kind: &str, amount: &str, currency: &str, more: &str) -> String {
    format!(
        "<Price><PriceType>{kind}</PriceType>\
         <PriceAmount>{amount}</PriceAmount>{more}<CurrencyCode>{currency}</CurrencyCode>\
         </Price>"
    )
}

fn supplied(currency: Option<&str>, details: &str) -> (crate::record::Supply, Vec<String>) {
    let blocks = format!("<ProductSupply>{details}</ProductSupply>");
    let options = Options { currency: currency.map(str::to_owned), ..options() };
    let header = "<DefaultPriceType>02</DefaultPriceType><DefaultCurrencyCode>EUR</DefaultCurrencyCode>";
    let (product, remarks) = read_with(options, header, &whole("k1", &blocks).replace("03<", "04<"));
    (product.supply.expect("supply"), remarks)
}

#[test]
fn the_price_is_what_a_shopper_pays_today() {
    let dated = |role: &str, day: &str| {
        format!("<PriceDate><PriceDateRole>{role}</PriceDateRole><Date dateformat='00'>{day}</Date></PriceDate>")
    };
    let tax = |rest: &str| format!("<Tax><TaxType>01</TaxType>{rest}</Tax>");
    let rate = tax("<TaxRatePercent>5.5</TaxRatePercent>");
    for (wanted, prices, expected, remarked) in [
        (None, price("02", "7.99", "GBP", ""), Some((799, "GBP")), ""),
        (None, price("04", "11,20", "BRL", ""), Some((1120, "BRL")), ""),
        (None, price("04", "880.00", "JPY", ""), Some((880, "JPY")), ""),
        (None, price("01", "8.99", "EUR", "") + &price("42", "7.99", "GBP", ""), Some((799, "GBP")), "tax"),
        (Some("EUR"), price("02", "7.99", "GBP", "") + &price("02", "8.99", "EUR", ""), Some((899, "EUR")), ""),
        (Some("USD"), price("02", "7.99", "GBP", ""), None, ""),
        (None, price("01", "10.00", "EUR", &rate), Some((1055, "EUR")), ""),
        (None, price("01", "10.00", "EUR", &tax("<TaxAmount>0.70</TaxAmount>")), Some((1070, "EUR")), ""),
        (None, price("01", "10.00", "EUR", &rate) + &price("02", "11.00", "EUR", ""), Some((1100, "EUR")), ""),
        (None, price("01", "10.00", "USD", ""), Some((1000, "USD")), ""),
        (None, price("01", "10.00", "EUR", ""), None, "tax"),
        (None, price("05", "5.00", "EUR", ""), None, ""),
        (None, price("02", "5.00", "EUR", "<PriceQualifier>08</PriceQualifier>"), None, ""),
        (None, price("02", "5.00", "EUR", "<PriceQualifier>05</PriceQualifier>"), Some((500, "EUR")), ""),
        (None, price("02", "5.00", "EUR", "<MinimumOrderQuantity>10</MinimumOrderQuantity>"), None, ""),
        (None, price("02", "5.00", "EUR", "<PriceCondition/>"), None, ""),
        (None, price("02", "5.00", "EUR", &dated("14", "20260201")), None, ""),
        (None, price("02", "5.00", "EUR", &dated("14", "20260115")), Some((500, "EUR")), ""),
        (None, price("02", "5.00", "EUR", &dated("15", "20260115")), Some((500, "EUR")), ""),
        (None, price("02", "5.00", "EUR", &dated("15", "20260114")), None, ""),
        (
            None,
            price("02", "5.00", "EUR", &dated("24", "2026010120260131").replace("'00'", "'06'")),
            Some((500, "EUR")),
            "",
        ),
        (None, price("02", "5.00", "EUR", &dated("24", "2026010120260110").replace("'00'", "'06'")), None, ""),
        (None, price("02", "5.00", "EUR", &dated("14", "soon")), None, "PriceDate"),
        (
            None,
            price("02", "9.00", "EUR", "") + &price("02", "5.00", "EUR", &dated("15", "20260131")),
            Some((500, "EUR")),
            "",
        ),
        (None, price("02", "cheap", "EUR", ""), None, "PriceAmount is not understood: “cheap” is not an amount of EUR"),
        (None, price("02", "5.00", "XYZ", ""), None, "“5.00” is not an amount of XYZ"),
        (None, "<Price><PriceAmount>5.00</PriceAmount></Price>".to_owned(), Some((500, "EUR")), ""),
        (None, "<UnpricedItemType>01</UnpricedItemType>".to_owned(), None, ""),
    ] {
        let (supply, remarks) = supplied(wanted, &format!("<SupplyDetail>{prices}</SupplyDetail>"));
        let expected = expected.map(|(minor, currency)| Price { minor, currency: currency.to_owned() });
        assert_eq!(supply.price, expected, "{prices}");
        assert!(remarks.len() <= 1 && remarks.join("").contains(remarked), "{prices} {remarks:?}");
        assert_eq!(remarks.is_empty(), remarked.is_empty(), "{prices} {remarks:?}");
    }
}

#[test]
fn the_first_supplier_with_a_price_speaks_for_the_product() {
    let expected_on = "<SupplyDate><SupplyDateRole>08</SupplyDateRole><Date>20260201</Date></SupplyDate>";
    let details = format!(
        "<SupplyDetail><ProductAvailability>40</ProductAvailability></SupplyDetail><SupplyDetail><ProductAvailability>\
         10</ProductAvailability>{expected_on}{}</SupplyDetail>",
        price("02", "5.00", "EUR", "")
    );
    let (supply, _) = supplied(None, &details);
    assert_eq!((supply.availability, supply.expected), (Some(Availability::NotYet), Some(date!(2026 - 02 - 01))));
    let (supply, remarks) =
        supplied(None, "<SupplyDetail><ProductAvailability>77</ProductAvailability></SupplyDetail>");
    assert_eq!((supply.availability, remarks.len()), (None, 1));
}

#[test]
fn texts_are_plain_whatever_their_markup() {
    for (text, expected) in [
        ("<p>One &amp; <b>two</b>.</p>\n<p>Three<br/>four</p>", "One & two.\n\nThree\nfour"),
        ("&lt;p&gt;One &amp;amp; two&lt;/p&gt;", "One & two"),
        ("<![CDATA[<p>Caf&eacute;</p><p>au lait</p>]]>", "Café\n\nau lait"),
        ("Caf&eacute; &#233; &#xe9; &#146;", "Café é é ’"),
        ("a <!-- not this --> b <?nor this?> c AT&T", "a b c AT&T"),
        ("one\n\ntwo", "one\n\ntwo"),
    ] {
        let content = |kind: &str, more: &str, text: &str| {
            format!("<TextContent><TextType>{kind}</TextType>{more}<Text>{text}</Text></TextContent>")
        };
        let texts = [
            content("02", "", "short"),
            content("03", "<ContentAudience>02</ContentAudience>", "for the trade"),
            content("03", "<ContentAudience>00</ContentAudience>", text),
            content("06", "", "a review"),
        ];
        let blocks = format!(
            "<DescriptiveDetail>{TITLE}</DescriptiveDetail><CollateralDetail>{}</CollateralDetail>",
            texts.concat()
        );
        let (product, remarks) = read(&blocks);
        assert_eq!(product.texts.expect("texts").about.as_deref(), Some(expected));
        assert_eq!(remarks, [""; 0]);
    }
}

#[test]
fn works_are_told_by_what_the_product_is_a_manifestation_of() {
    let work = |code: &str, id: &str| {
        format!(
            "<RelatedWork><WorkRelationCode>{code}</WorkRelationCode><WorkIdentifier><WorkIDType>11</WorkIDType>\
             <IDValue>{id}</IDValue></WorkIdentifier></RelatedWork>"
        )
    };
    let blocks = format!(
        "<DescriptiveDetail>{TITLE}</DescriptiveDetail><RelatedMaterial>{}</RelatedMaterial>",
        work("02", "derived") + &work("01", "w1")
    );
    assert_eq!(read(&blocks).0.work_key.as_deref(), Some("w1"));
}

#[test]
fn entities_of_the_files_own_are_never_expanded() {
    let file = format!(
        "<!DOCTYPE ONIXMessage SYSTEM \"http://nowhere.test/x.dtd\" [<!ENTITY a \"&b;&b;\"><!ENTITY b \"boom\">\
         <!ENTITY file SYSTEM \"file:///etc/passwd\">]>{}",
        message(&whole(
            "k1",
            &format!("<DescriptiveDetail>{}</DescriptiveDetail>", TITLE.replace("Emma", "A&a;&a;&file;Z"))
        ))
        .replace("<?xml version=\"1.0\"?>", "")
    );
    let steps = steps(file.as_bytes());
    let [Ok(Ok(Entry { record: Record::Product(product), remarks, .. }))] = steps.as_slice() else {
        panic!("{steps:?}")
    };
    assert_eq!(product.description.as_ref().map(|found| found.title.as_str()), Some("AZ"));
    assert_eq!(remarks, &["an unknown entity is left out: “a”", "an unknown entity is left out: “file”"]);
}

#[test]
fn files_of_other_kinds_are_refused_as_a_whole() {
    let product = whole("k1", "<ProductForm>BB</ProductForm><Title><TitleText>Emma</TitleText></Title>");
    let outdated = "the file is of ONIX 2.1 or older, and only release 3 can be read: ask its sender for 3.0 or 3.1";
    for (file, reason) in [
        (format!("<ONIXMessage release='2.1'>{product}</ONIXMessage>"), outdated),
        (format!("<ONIXMessage>{product}</ONIXMessage>"), outdated),
        (format!("<ONIXMessage xmlns='http://www.editeur.org/onix/2.1/reference'>{product}</ONIXMessage>"), outdated),
        (
            format!("<!DOCTYPE ONIXMessage SYSTEM 'onix-international.dtd'><ONIXMessage>{product}</ONIXMessage>"),
            outdated,
        ),
        (product.clone(), outdated),
        ("<html><body/></html>".to_owned(), "the file is not ONIX, but begins with “html”"),
        ("id,title\n1,Emma\n".to_owned(), "the file is not XML"),
        (" \n".to_owned(), "the file is empty"),
        (String::new(), "the file is empty"),
    ] {
        let told = told(file.as_bytes());
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].ends_with(&format!(": {reason}")), "{told:?}");
    }
}

#[test]
fn what_stands_before_a_fault_is_given() {
    let good = whole("good", &format!("<DescriptiveDetail>{TITLE}</DescriptiveDetail>"));
    let two = message(&good.repeat(2));
    let cut = &two[..two.len() - 60];
    assert_eq!(told(cut.as_bytes())[0], "4: good");
    for (broken, reason) in [
        (two.replacen("</Product>\n</ONIX", "</Produkt>\n</ONIX", 1), "5! line 5: the file is not well-formed XML: "),
        (two.replacen("</ONIXMessage>", "", 1), "7! line 7: the file ends before its message does"),
        (two.replacen("</Product>\n</ONIXMessage>", "", 1), "6! line 6: the file ends within <Product>"),
        (two.replacen("</ONIXMessage>", "</ONIXMessage></b>", 1), "6! line 6: </b> ends what has not begun"),
    ] {
        let told = told(broken.as_bytes());
        assert_eq!(told[0], "4: good");
        assert!(told.last().is_some_and(|last| last.starts_with(reason)), "{told:?}");
    }
}

#[test]
fn products_without_measure_are_skipped_and_not_kept() {
    let good = whole("good", &format!("<DescriptiveDetail>{TITLE}</DescriptiveDetail>"));
    let text =
        |text: &str| format!("<CollateralDetail><TextContent><Text>{text}</Text></TextContent></CollateralDetail>");
    for (blocks, reason) in [
        (text(&"x".repeat(9 << 20)), "the product is longer than 8 MiB"),
        (text(&"<p>x\n</p>".repeat(1 << 20)), "the product is longer than 8 MiB"),
        (text(&format!("<![CDATA[{}]]>", "x".repeat(9 << 20))), "the product is longer than 8 MiB"),
        (format!("<!--{}-->", "x".repeat(9 << 20)), "the product is longer than 8 MiB"),
        (format!("<x y='{}'/>", "x".repeat(9 << 20)), "the product is longer than 8 MiB"),
        ("<x>".repeat(1 << 20), "the product has elements in more than 100 others"),
        (format!("{}{}", "<p>".repeat(200), "</p>".repeat(200)), "the product has elements in more than 100 others"),
        ("<Text/>".repeat(100_001), "the product has more than 100000 elements"),
    ] {
        let told = told(message(&format!("{good}{}{good}", whole("large", &blocks))).as_bytes());
        assert_eq!(told.len(), 3, "{reason} {told:?}");
        assert_eq!((told[0].as_str(), told[1].as_str()), ("4: good", &*format!("5? {reason}")));
        assert!(told[2].ends_with(": good"), "{told:?}");
    }
}

#[test]
fn bytes_that_are_not_the_encodings_cost_their_product() {
    let good = whole("good", &format!("<DescriptiveDetail>{TITLE}</DescriptiveDetail>"));
    let mut file = message(&format!("{}{good}", good.replace("Emma", "Caf@"))).into_bytes();
    for byte in &mut file {
        if *byte == b'@' {
            *byte = 0xe9;
        }
    }
    assert_eq!(told(&file), ["4? the product has bytes in line 4 that are not UTF-8", "5: good"]);
    let declared = String::from_utf8_lossy(&file)
        .replace("<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding=\"latin1\"?>");
    let latin: Vec<u8> = declared.chars().map(|sign| if sign == '\u{fffd}' { 0xe9 } else { sign as u8 }).collect();
    let steps = steps(&latin);
    let Ok(Ok(Entry { record: Record::Product(product), .. })) = &steps[0] else { panic!("{steps:?}") };
    assert_eq!(product.description.as_ref().map(|found| found.title.as_str()), Some("Café"));
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(
        pieces in proptest::collection::vec(
            "(</?(Product|product|ONIXMessage|DescriptiveDetail|TitleDetail|TitleText|Price|Date|b203|x)( /)?>\
             |&[a-z#0-9]{0,5};?\
             |<!\\[CDATA\\[|\\]\\]>|<!--|-->|<\\?|\\?>|<!DOCTYPE|\\[|[<>&]|\\PC)",
            0..60,
        ),
        bytes in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let pieces = pieces.concat();
        steps(pieces.as_bytes());
        steps(&[message(&pieces).as_bytes(), &bytes].concat());
        steps(message(&whole("k1", &pieces)).as_bytes());
    }

    #[test]
    fn any_texts_in_any_fields_become_a_product(texts in proptest::collection::vec("[^<&]{0,20}", 12)) {
        let mut names = [
            "Date", "PriceAmount", "TitleText", "PartNumber", "Measurement", "ExtentValue", "PersonName", "IDValue",
            "SubjectHeadingText", "LanguageCode", "TaxRatePercent", "Text",
        ]
        .into_iter();
        let mut file = whole(
            "k1",
            "<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue/></ProductIdentifier><DescriptiveDetail>\
             <Measure>\
             <MeasureType>08</MeasureType><Measurement/><MeasureUnitCode>kg</MeasureUnitCode></Measure><TitleDetail>\
             <TitleType>01\
             </TitleType><TitleElement><PartNumber/><TitleText/></TitleElement></TitleDetail><Contributor>\
             <ContributorRole>A01\
             </ContributorRole><PersonName/></Contributor><Language><LanguageRole>01</LanguageRole><LanguageCode/>\
             </Language><Extent>\
             <ExtentType>00</ExtentType><ExtentValue/></Extent><Subject>\
             <SubjectSchemeIdentifier>20</SubjectSchemeIdentifier>\
             <SubjectHeadingText/></Subject></DescriptiveDetail><CollateralDetail><TextContent>\
             <TextType>03</TextType><Text/>\
             </TextContent></CollateralDetail><PublishingDetail><PublishingDate>\
             <PublishingDateRole>01</PublishingDateRole><Date/>\
             </PublishingDate></PublishingDetail><ProductSupply><SupplyDetail><Price><PriceType>01</PriceType>\
             <PriceAmount/><Tax>\
             <TaxRatePercent/></Tax><CurrencyCode>EUR</CurrencyCode></Price></SupplyDetail></ProductSupply>",
        );
        for (text, name) in texts.iter().zip(&mut names) {
            let mut full = String::new();
            write!(full, "<{name}>{text}</{name}>").expect("memory");
            file = file.replace(&format!("<{name}/>"), &full);
        }
        prop_assert_eq!(steps(message(&file).as_bytes()).len(), 1);
    }
}
