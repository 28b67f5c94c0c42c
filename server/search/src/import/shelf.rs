//! What books are filed under, each known by its name: publishers, series, subjects.

use std::collections::{BTreeMap, HashMap};

use database::Transaction;
use serde::Serialize;
use trade::record::{Product, Subject};

use super::{ImportError, list};
use crate::slug;
use crate::text::squash;

/// A heading that is longer is a sentence, and files nothing.
const LONGEST_HEADING: usize = 120;

/// The ids of everything that a batch is filed under.
#[derive(Default)]
pub(super) struct Shelves {
    publishers: HashMap<String, u64>,
    series: HashMap<String, u64>,
    subjects: HashMap<String, u64>,
}

impl Shelves {
    pub(super) fn publisher(&self, name: &str) -> Option<u64> {
        self.publishers.get(&publisher_key(name)).copied()
    }

    pub(super) fn series(&self, title: &str) -> Option<u64> {
        self.series.get(&slug(title)).copied()
    }

    pub(super) fn subject(&self, subject: &Subject) -> Option<u64> {
        self.subjects.get(&slug(heading(subject)?)).copied()
    }
}

/// A publisher's name as it is compared.
fn publisher_key(name: &str) -> String {
    let mut key = squash(name);
    if key.is_empty() {
        name.clone_into(&mut key);
    }
    key.chars().take(200).collect()
}

/// What a subject is called; none for codes of schemes that the shop does not file by.
fn heading(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::Heading(heading) => {
            Some(heading.as_str()).filter(|heading| heading.chars().count() <= LONGEST_HEADING)
        }
        Subject::Thema(code) => super::thema::heading(code),
        Subject::Bisac(_) | Subject::Bic(_) => None,
    }
}

#[derive(Serialize)]
struct Row<'a> {
    key: &'a str,
    name: &'a str,
}

fn rows(names: &BTreeMap<String, &str>) -> Result<String, ImportError> {
    list::of(&names.iter().map(|(key, name)| Row { key, name }).collect::<Vec<_>>())
}

pub(super) async fn write<'a>(
    tx: &mut Transaction,
    products: &[&'a Product],
    other_subjects: impl Iterator<Item = &'a Subject>,
) -> Result<Shelves, ImportError> {
    let publishers = products.iter().filter_map(|product| product.publishing.as_ref()?.publisher.as_deref());
    let publishers: BTreeMap<String, &str> = publishers.map(|name| (publisher_key(name), name)).collect();
    let described = || products.iter().filter_map(|product| product.description.as_ref());
    let series = described().flat_map(|description| &description.series);
    let series: BTreeMap<String, &str> = series.map(|part| (slug(&part.title), part.title.as_str())).collect();
    let subjects = described().flat_map(|description| &description.subjects).chain(other_subjects);
    let subjects: BTreeMap<String, &str> =
        subjects.filter_map(heading).map(|heading| (slug(heading), heading)).collect();
    Ok(Shelves {
        publishers: write_publishers(tx, &publishers).await?,
        series: write_series(tx, &series).await?,
        subjects: write_subjects(tx, &subjects).await?,
    })
}

async fn write_publishers(
    tx: &mut Transaction,
    names: &BTreeMap<String, &str>,
) -> Result<HashMap<String, u64>, ImportError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = rows(names)?;
    sqlx::query!(
        r#"
        insert into publisher (name_key, name)
        select list.name_key, list.name
        from json_table(?, '$[*]' columns (
                 name_key varchar(200) character set utf8mb4 path '$.key',
                 name varchar(200) character set utf8mb4 path '$.name')) as list
             left join publisher on publisher.name_key = list.name_key collate utf8mb4_bin
        where publisher.id is null
        "#,
        rows
    )
    .execute(&mut **tx)
    .await?;
    let found = sqlx::query!(
        r#"
        select publisher.id, publisher.name_key
        from json_table(?, '$[*]' columns (name_key varchar(200) character set utf8mb4 path '$.key')) as list
             straight_join publisher on publisher.name_key = list.name_key collate utf8mb4_bin
        "#,
        rows
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(found.into_iter().map(|row| (row.name_key, row.id)).collect())
}

async fn write_series(
    tx: &mut Transaction,
    titles: &BTreeMap<String, &str>,
) -> Result<HashMap<String, u64>, ImportError> {
    if titles.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = rows(titles)?;
    sqlx::query!(
        r#"
        insert into series (slug, title)
        select list.slug, list.title
        from json_table(?, '$[*]' columns (
                 slug varchar(160) character set ascii path '$.key',
                 title varchar(300) character set utf8mb4 path '$.name')) as list
             left join series on series.slug = list.slug collate ascii_bin
        where series.id is null
        "#,
        rows
    )
    .execute(&mut **tx)
    .await?;
    let found = sqlx::query!(
        r#"
        select series.id, series.slug
        from json_table(?, '$[*]' columns (slug varchar(160) character set ascii path '$.key')) as list
             straight_join series on series.slug = list.slug collate ascii_bin
        "#,
        rows
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(found.into_iter().map(|row| (row.slug, row.id)).collect())
}

async fn write_subjects(
    tx: &mut Transaction,
    names: &BTreeMap<String, &str>,
) -> Result<HashMap<String, u64>, ImportError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = rows(names)?;
    sqlx::query!(
        r#"
        insert into subject (slug, name)
        select list.slug, list.name
        from json_table(?, '$[*]' columns (
                 slug varchar(80) character set ascii path '$.key',
                 name varchar(120) character set utf8mb4 path '$.name')) as list
             left join subject on subject.slug = list.slug collate ascii_bin
        where subject.id is null
        "#,
        rows
    )
    .execute(&mut **tx)
    .await?;
    let found = sqlx::query!(
        r#"
        select subject.id, subject.slug
        from json_table(?, '$[*]' columns (slug varchar(80) character set ascii path '$.key')) as list
             straight_join subject on subject.slug = list.slug collate ascii_bin
        "#,
        rows
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(found.into_iter().map(|row| (row.slug, row.id)).collect())
}
