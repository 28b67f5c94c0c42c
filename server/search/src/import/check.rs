//! What the tables have no room for is refused before it is tried.

use trade::Record;
use trade::record::{Contributor, Person};

const LONGEST_KEY: usize = 150;
const LONGEST_TITLE: usize = 500;
pub(super) const LONGEST_NAME: usize = 300;
const LONGEST_TEXT: usize = 20_000;
/// People, subjects and series together.
const MOST_LINKS: usize = 1000;

/// The record's key and why it cannot be taken in.
pub(super) fn check(record: &Record) -> Result<(), (String, String)> {
    let key = match record {
        Record::Product(product) => &product.key,
        Record::Work(work) => &work.key,
        Record::Contributor(person) => person.key.as_ref().unwrap_or(&person.name),
        Record::Withdrawn { key } => key,
    };
    let short: String = key.chars().take(80).collect();
    if key.is_empty() {
        return Err((short, "it has no key".to_owned()));
    }
    if keys(record).any(|key| key.trim() != key) {
        return Err((short, "a key in it begins or ends with a space".to_owned()));
    }
    if links(record) > MOST_LINKS {
        return Err((short, format!("it names more than {MOST_LINKS} people, subjects and series")));
    }
    texts(record).into_iter().try_for_each(|(what, text, longest)| {
        if text.chars().count() > longest {
            Err((short.clone(), format!("its {what} is longer than {longest} characters")))
        } else {
            Ok(())
        }
    })?;
    if let Record::Product(product) = record
        && let Some(description) = &product.description
    {
        let is_code = |code: &String| matches!(code.len(), 2 | 3) && code.bytes().all(|byte| byte.is_ascii_lowercase());
        if !description.languages.iter().chain(&description.original_language).all(is_code) {
            return Err((short, "its language is not a code of two or three letters".to_owned()));
        }
    }
    let title = match record {
        Record::Product(product) => product.description.as_ref().map(|description| &description.title),
        Record::Work(work) => Some(&work.title),
        Record::Contributor(_) | Record::Withdrawn { .. } => None,
    };
    if title.is_some_and(String::is_empty) {
        return Err((short, "it has no title".to_owned()));
    }
    Ok(())
}

/// The ids by which its source knows what it speaks of.
fn keys(record: &Record) -> impl Iterator<Item = &String> {
    let (own, contributors): (Vec<&String>, &[Contributor]) = match record {
        Record::Product(product) => (
            [Some(&product.key), product.work_key.as_ref()].into_iter().flatten().collect(),
            product.description.as_ref().map(|description| &description.contributors[..]).unwrap_or_default(),
        ),
        Record::Work(work) => (vec![&work.key], &work.contributors),
        Record::Contributor(person) => (person.key.iter().collect(), &[]),
        Record::Withdrawn { key } => (vec![key], &[]),
    };
    own.into_iter().chain(contributors.iter().filter_map(|contributor| contributor.person.key.as_ref()))
}

fn links(record: &Record) -> usize {
    match record {
        Record::Product(product) => product.description.as_ref().map_or(0, |description| {
            description.contributors.len() + description.subjects.len() + description.series.len()
        }),
        Record::Work(work) => work.contributors.len() + work.subjects.len(),
        Record::Contributor(person) => person.other_names.len(),
        Record::Withdrawn { .. } => 0,
    }
}

/// Every text with what it is and how long it may be.
fn texts(record: &Record) -> Vec<(&'static str, &str, usize)> {
    fn some<'a>(
        texts: &mut Vec<(&'static str, &'a str, usize)>,
        what: &'static str,
        text: Option<&'a String>,
        longest: usize,
    ) {
        texts.extend(text.map(|text| (what, text.as_str(), longest)));
    }
    fn person<'a>(texts: &mut Vec<(&'static str, &'a str, usize)>, person: &'a Person) {
        some(texts, "contributor's key", person.key.as_ref(), LONGEST_KEY);
        some(texts, "contributor's name", Some(&person.name), LONGEST_NAME);
        some(texts, "contributor's name", person.sort_name.as_ref(), LONGEST_NAME);
        some(texts, "words about a contributor", person.about.as_ref(), LONGEST_TEXT);
        for name in &person.other_names {
            some(texts, "contributor's name", Some(name), LONGEST_NAME);
        }
    }
    fn people<'a>(texts: &mut Vec<(&'static str, &'a str, usize)>, contributors: &'a [Contributor]) {
        for contributor in contributors {
            person(texts, &contributor.person);
        }
    }
    let mut texts = Vec::new();
    match record {
        Record::Product(product) => {
            some(&mut texts, "key", Some(&product.key), LONGEST_KEY);
            some(&mut texts, "work's key", product.work_key.as_ref(), LONGEST_KEY);
            if let Some(description) = &product.description {
                some(&mut texts, "title", Some(&description.title), LONGEST_TITLE);
                some(&mut texts, "subtitle", description.subtitle.as_ref(), LONGEST_TITLE);
                some(&mut texts, "original title", description.original_title.as_ref(), LONGEST_TITLE);
                people(&mut texts, &description.contributors);
                for part in &description.series {
                    some(&mut texts, "series", Some(&part.title), LONGEST_NAME);
                    some(&mut texts, "number in the series", part.number.as_ref(), 20);
                }
            }
            some(
                &mut texts,
                "description",
                product.texts.as_ref().and_then(|texts| texts.about.as_ref()),
                LONGEST_TEXT,
            );
            let publisher = product.publishing.as_ref().and_then(|publishing| publishing.publisher.as_ref());
            some(&mut texts, "publisher", publisher, 200);
        }
        Record::Work(work) => {
            some(&mut texts, "key", Some(&work.key), LONGEST_KEY);
            some(&mut texts, "title", Some(&work.title), LONGEST_TITLE);
            some(&mut texts, "subtitle", work.subtitle.as_ref(), LONGEST_TITLE);
            some(&mut texts, "description", work.about.as_ref(), LONGEST_TEXT);
            people(&mut texts, &work.contributors);
        }
        Record::Contributor(it) => person(&mut texts, it),
        Record::Withdrawn { key } => some(&mut texts, "key", Some(key), LONGEST_KEY),
    }
    texts
}
