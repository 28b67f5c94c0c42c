//! How often the first hit is the right one, over a catalogue and queries that are not ours to publish.
//! `OCTAVO_DATA` names the folder that holds them; without it nothing is measured.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::engine::Engine;
use super::schema::Entry;
use crate::{AuthorRef, Found, Query};

#[derive(Default)]
struct Tally {
    asked: u32,
    first: u32,
    missed: Vec<String>,
}

impl Tally {
    fn share(&self) -> f64 {
        f64::from(self.first) / f64::from(self.asked)
    }
}

#[test]
fn the_first_hit_is_the_right_one_for_most_queries() {
    measure("goodbooks10k", |column| {
        let mut other_titles = vec![column("original_title"), column("title_full"), column("series")];
        other_titles.retain(|title| !title.is_empty());
        Entry {
            title: column("title"),
            other_titles,
            authors: column("authors").split('|').map(author).collect(),
            isbns: vec![column("isbn13")],
            popularity: column("ratings_count").parse().unwrap_or(0),
            ..Entry::default()
        }
    });
}

#[test]
fn old_and_messy_titles_are_found_too() {
    measure("renewals", |column| Entry {
        title: column("title"),
        authors: vec![author(&column("author"))],
        ..Entry::default()
    });
}

fn author(name: &str) -> AuthorRef {
    AuthorRef { slug: crate::slug(name), name: name.to_owned(), sort_name: name.to_owned() }
}

/// Searches a catalogue, whose rows `entry` reads column by column, and prints how well that went for each kind of
/// query.
fn measure(set: &str, entry: impl Fn(&dyn Fn(&str) -> String) -> Entry) {
    #[expect(clippy::disallowed_methods, reason = "tests are configured by whoever runs them")]
    let Some(data) = std::env::var_os("OCTAVO_DATA").map(PathBuf::from) else {
        println!("skipped: OCTAVO_DATA names no folder with catalogues to measure search on");
        return;
    };
    let engine = Engine::create(None).expect("an index");
    let started = Instant::now();
    let entries = entries(&data.join(set).join("catalogue.csv"), entry);
    engine.replace(&[], &entries).expect("indexed");
    engine.commit("").expect("committed");
    println!("{set} indexed in {:?}", started.elapsed());

    let queries = std::fs::read_to_string(data.join("queries").join(set).with_extension("tsv")).expect("queries");
    let started = Instant::now();
    let mut kinds: BTreeMap<&str, Tally> = BTreeMap::new();
    for line in queries.lines() {
        let [text, expected, kind] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("not a query: {line}") };
        let query = Query { text: text.to_owned(), page: 1, per_page: 24 };
        let found = engine.find(&query).expect("an answer");
        let (first, near) = match &found {
            Found::Exact(hits) => (hits.work_ids.first(), false),
            Found::Nearest { hits, .. } => (hits.work_ids.first(), true),
            Found::NothingAsked | Found::TooLong | Found::Nothing => (None, false),
        };
        let right = match first {
            Some(_) if expected == "-" => near,
            Some(&row) => expected.split(',').any(|expected| expected == entries[row as usize].slug),
            None => expected == "-",
        };
        let tally = kinds.entry(kind).or_default();
        tally.asked += 1;
        tally.first += u32::from(right);
        if !right {
            let first = first.map(|&row| entries[row as usize].title.as_str());
            tally
                .missed
                .push(format!("    {text:?} gave {first:?}{}, not {expected}", if near { " as near" } else { "" }));
        }
    }
    let elapsed = started.elapsed();
    let mut plain = Tally::default();
    for (kind, tally) in &kinds {
        println!("{kind:30} {:3} of {:3}  {:.3}", tally.first, tally.asked, tally.share());
        for missed in &tally.missed {
            println!("{}", missed.chars().take(170).collect::<String>());
        }
        if !kind.ends_with("_hard") {
            plain.asked += tally.asked;
            plain.first += tally.first;
        }
    }
    let asked: u32 = kinds.values().map(|tally| tally.asked).sum();
    let first: u32 = kinds.values().map(|tally| tally.first).sum();
    println!(
        "{set}: success@1 over all queries {:.3}, without the hard kinds {:.3}, {:?} a query",
        f64::from(first) / f64::from(asked),
        plain.share(),
        elapsed / asked,
    );
    assert!(plain.share() >= 0.9, "search finds the right book first too seldom");
}

fn entries(catalogue: &Path, entry: impl Fn(&dyn Fn(&str) -> String) -> Entry) -> Vec<Entry> {
    let mut reader = csv::Reader::from_path(catalogue).expect("the catalogue");
    let headers = reader.headers().expect("headers").clone();
    reader
        .records()
        .zip(0..)
        .map(|(record, row)| {
            let record = record.expect("a record");
            let column = |name: &str| {
                let at = headers.iter().position(|header| header == name).expect("the column");
                record[at].to_owned()
            };
            Entry { work_id: row, slug: column("id"), ..entry(&column) }
        })
        .collect()
}
