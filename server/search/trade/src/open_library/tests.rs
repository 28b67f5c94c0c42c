use proptest::prelude::*;

use super::*;
use crate::record::{Form, PartialDate};

fn steps(file: &[u8]) -> Vec<Result<Entry, Refused>> {
    Reader::new(file).expect("memory").map(|step| step.expect("readable")).collect()
}

/// A line as the dump has it.
fn dumped(kind: &str, key: &str, fields: &str) -> String {
    format!("/type/{kind}\t{key}\t3\t2020-01-01T00:00:00.000000\t{{\"key\": \"{key}\"{fields}}}\n")
}

fn one(kind: &str, key: &str, fields: &str) -> (Record, Vec<String>) {
    let mut steps = steps(dumped(kind, key, fields).as_bytes());
    assert_eq!(steps.len(), 1);
    let entry = steps.remove(0).expect("kept");
    (entry.record, entry.remarks)
}

fn one_edition(fields: &str) -> (Product, Vec<String>) {
    match one("edition", "/books/OL1M", &format!(", \"title\": \"Emma\"{fields}")) {
        (Record::Product(product), remarks) => (*product, remarks),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_author_is_a_contributor() {
    let fields = r#", "name": "Karel  Čapek", "personal_name": "Čapek, Karel", "alternate_names": ["K. Č.",
        "Karel Čapek"],
        "bio": {"type": "/type/text", "value": "Wrote.\r\n\r\nMuch."}"#;
    let (record, remarks) = one("author", "/authors/OL1A", &fields.replace('\n', ""));
    let expected = Person {
        key: Some("/authors/OL1A".to_owned()),
        name: "Karel Čapek".to_owned(),
        sort_name: Some("Čapek, Karel".to_owned()),
        other_names: vec!["K. Č.".to_owned()],
        about: Some("Wrote.\n\nMuch.".to_owned()),
    };
    assert_eq!((record, remarks), (Record::Contributor(expected), Vec::new()));
}

#[test]
fn the_authors_of_a_work_are_named_in_many_ways() {
    for authors in [
        r#"[{"type": {"key": "/type/author_role"}, "author": {"key": "/authors/OL1A"}}]"#,
        r#"[{"type": "/type/author_role", "author": "/authors/OL1A"}]"#,
        r#"[{"key": "/authors/OL1A"}]"#,
        r#"["/authors/OL1A", {"author": null}, null, 7]"#,
        r#"{"key": "/authors/OL1A"}"#,
    ] {
        let fields = format!(r#", "title": "Emma", "authors": {authors}, "first_publish_date": "December 1815""#);
        let (Record::Work(work), remarks) = one("work", "/works/OL1W", &fields) else { panic!("{authors}") };
        let keys: Vec<_> = work.contributors.iter().map(|one| one.person.key.as_deref()).collect();
        assert_eq!(keys, [Some("/authors/OL1A")], "{authors}");
        assert!(work.contributors[0].person.name.is_empty());
        assert_eq!((work.first_published, remarks.len()), (Some(1815), 0));
    }
}

#[test]
fn an_edition_is_a_product() {
    let (product, remarks) = one_edition(
        r#", "title_prefix": "The", "subtitle": "A Novel", "works": [{"key": "/works/OL1W"}], "isbn_10": ["0141439513"],
        "isbn_13": ["9780141439519"], "languages": [{"key": "/languages/eng"}],
        "translated_from": [{"key": "/languages/ger"}],
        "series": ["Modern cell biology ;", "v. 17", "Classics"], "publish_date": "May 5, 2006", "number_of_pages": 352,
        "physical_format": "Paperback", "publishers": ["Penguin", "Other"], "subjects": ["Love", "Love"],
        "weight": "6.4 ounces", "description": "About."}"#
            .replace('\n', "")
            .trim_end_matches('}'),
    );
    assert_eq!(remarks, [""; 0]);
    assert_eq!(product.isbn.as_ref().map(Isbn::as_str), Some("9780141439518"));
    assert_eq!(product.work_key.as_deref(), Some("/works/OL1W"));
    let description = product.description.expect("described");
    assert_eq!((description.title.as_str(), description.subtitle.as_deref()), ("The Emma", Some("A Novel")));
    assert_eq!((description.form, description.pages, description.weight_g), (Form::Paperback, Some(352), Some(181)));
    assert_eq!(
        (description.languages.as_slice(), description.original_language.as_deref()),
        (&["en".to_owned()][..], Some("de"))
    );
    let series: Vec<_> = description.series.iter().map(|part| (part.title.as_str(), part.number.as_deref())).collect();
    assert_eq!(series, [("Modern cell biology", Some("17")), ("Classics", None)]);
    assert_eq!(description.subjects, [Subject::Heading("Love".to_owned())]);
    let publishing = product.publishing.expect("publishing");
    assert_eq!(publishing.publisher.as_deref(), Some("Penguin"));
    assert_eq!(publishing.published, Some(PartialDate { year: 2006, month: Some(5), day: Some(5) }));
    assert_eq!(product.texts.expect("texts").about.as_deref(), Some("About."));
}

#[test]
fn what_is_not_understood_is_remarked() {
    for (fields, remark) in [
        (r#", "publish_date": "n.d.""#, "publish_date is not understood: “n.d.”"),
        (r#", "number_of_pages": "many""#, "number_of_pages is not understood: “many”"),
        (r#", "weight": "light""#, "weight is not understood: “light”"),
        (r#", "isbn_13": ["9780141439519"]"#, "the ISBN has a wrong check digit: “9780141439519”"),
        (r#", "languages": [{"key": "/languages/qqq"}]"#, "languages is not understood: “/languages/qqq”"),
    ] {
        assert_eq!(one_edition(fields).1, [remark]);
    }
    for fields in [r#", "number_of_pages": 0"#, r#", "series": null"#, r#", "isbn_13": ["9780141439518, 123"]"#] {
        assert_eq!(one_edition(fields).1, [""; 0], "{fields}");
    }
}

#[test]
fn faulty_lines_are_refused_and_other_types_passed_over() {
    let good = dumped("edition", "/books/OL1M", r#", "title": "Emma""#);
    let file = [
        good.clone(),
        "\r\n".to_owned(),
        dumped("page", "/about", ""),
        dumped("redirect", "/works/OL2W", ""),
        dumped("redirect", "/books/OL2M", ""),
        dumped("delete", "/books/OL3M", ""),
        dumped("edition", "/books/OL4M", ""),
        dumped("author", "/authors/OL4A", r#", "name": " ""#),
        dumped("edition", "/books/OL5M", "").replacen("/books/OL5M", "/books/OL6M", 1),
        good.replace('\t', " "),
        good.replacen("3\t", "", 1),
        format!("{}\n", &good[..good.len() - 5]),
        good.replace("Emma", &"x".repeat(LONGEST)),
        good.replace("Emma", &"[".repeat(1000)).replace('"', ""),
    ];
    let told: Vec<String> = steps(file.concat().as_bytes())
        .into_iter()
        .map(|step| match step {
            Ok(Entry { line, record: Record::Product(product), .. }) => format!("{line}: {}", product.key),
            Ok(Entry { line, record: Record::Withdrawn { key }, .. }) => format!("{line}: without {key}"),
            Ok(entry) => panic!("{entry:?}"),
            Err(refused) => format!("{}? {}", refused.line, refused.reason),
        })
        .collect();
    let expected = [
        "1: /books/OL1M",
        "5: without /books/OL2M",
        "6: without /books/OL3M",
        "7? the edition has no title",
        "8? the author has no name",
        "9? the line's key is “/books/OL6M”, and that of its JSON “/books/OL5M”",
        "10? the line has not five columns separated by tabs, but begins with “/type/edition /books/OL1M 3",
        "11? the line has not five columns separated by tabs, but begins with “/type/edition”",
        "12? the JSON is faulty: ",
        "13? the line is longer than 1 MiB",
        "14? the JSON is faulty: ",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    assert!(told.iter().zip(expected).all(|(told, expected)| told.starts_with(expected)), "{told:#?}");
    let bad = [good.as_bytes(), b"/type/edition\t\xff\n", good.as_bytes()].concat();
    let lines: Vec<_> =
        steps(&bad).into_iter().map(|step| step.map(|entry| entry.line).map_err(|refused| refused.line)).collect();
    assert_eq!(lines, [Ok(1), Err(2), Ok(3)]);
}

proptest! {
    #[test]
    fn no_line_makes_the_reader_panic(
        kind in "(author|work|edition)",
        json in "([{}\\[\\],:]|\"(title|name|authors|key|isbn_13|series|publish_date|works|languages|value)\"|null\
         |1|\"\\PC\")*",
        bytes in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        steps(dumped(&kind, "/books/OL1M", &format!(", {json}")).as_bytes());
        steps(&bytes);
    }

    #[test]
    fn any_value_may_stand_in_any_field(value in "(null|1|-1.5e9|\"\\PC{0,10}\"|\\[\\]|\\[null, 7, \\[\\]\\]|\\{\\}\
     |\\{\"key\": 1\\})") {
        let value = value.replace('\\', "");
        for field in [
            "authors", "isbn_13", "series", "publish_date", "works", "languages", "number_of_pages", "weight", "subjects",
            "description", "publishers", "physical_format", "subtitle", "translation_of",
        ] {
            let file = dumped("edition", "/books/OL1M", &format!(", \"title\": \"Emma\", \"{field}\": {value}"));
            prop_assert_eq!(steps(file.as_bytes()).len(), 1);
        }
    }
}
