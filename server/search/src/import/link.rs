//! What links a work to its authors, subjects and series. A work whose links are others than before gets all of that
//! kind anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use database::Transaction;
use serde::Serialize;

use super::{ImportError, list};

/// A work's links, in their order.
#[derive(Default)]
pub(super) struct Links {
    /// Ids and roles.
    pub authors: Vec<(u64, &'static str)>,
    pub subjects: Vec<u64>,
    /// Ids, and the number as printed.
    pub series: Vec<(u64, Option<String>)>,
}

#[derive(Serialize)]
struct Row<'a> {
    work: u64,
    other: u64,
    position: usize,
    role: Option<&'a str>,
    number: Option<&'a str>,
    sort_number: Option<f64>,
}

impl<'a> Row<'a> {
    fn plain(work: u64, position: usize, other: u64) -> Self {
        Self { work, other, position, role: None, number: None, sort_number: None }
    }
}

/// Returns the works whose links have changed.
pub(super) async fn write(tx: &mut Transaction, links: &HashMap<u64, Links>) -> Result<BTreeSet<u64>, ImportError> {
    if links.is_empty() {
        return Ok(BTreeSet::new());
    }
    let works = list::of(&links.keys().collect::<BTreeSet<_>>())?;
    let authors = authors(tx, links, &works).await?;
    let subjects = subjects(tx, links, &works).await?;
    let series = series(tx, links, &works).await?;
    Ok(authors.into_iter().chain(subjects).chain(series).collect())
}

/// The works for which `stored`, in order, is not what `wanted` gives.
fn differing<T: PartialEq>(
    links: &HashMap<u64, Links>,
    stored: impl Iterator<Item = (u64, T)>,
    wanted: impl Fn(&Links) -> Vec<T>,
) -> BTreeSet<u64> {
    let mut found: BTreeMap<u64, Vec<T>> = BTreeMap::new();
    for (work, link) in stored {
        found.entry(work).or_default().push(link);
    }
    links
        .iter()
        .filter(|(work, links)| found.remove(work).unwrap_or_default() != wanted(links))
        .map(|(work, _)| *work)
        .collect()
}

async fn authors(tx: &mut Transaction, links: &HashMap<u64, Links>, works: &str) -> Result<BTreeSet<u64>, ImportError> {
    let stored = sqlx::query!(
        r#"
        select work_author.work_id, work_author.author_id, work_author.role
        from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list
             straight_join work_author on work_author.work_id = list.id
        order by work_author.work_id, work_author.position
        "#,
        works
    )
    .fetch_all(&mut **tx)
    .await?;
    let stored = stored.into_iter().map(|row| (row.work_id, (row.author_id, row.role)));
    let changed =
        differing(links, stored, |links| links.authors.iter().map(|(id, role)| (*id, (*role).to_owned())).collect());
    if changed.is_empty() {
        return Ok(changed);
    }
    sqlx::query!(
        r#"
        delete work_author
        from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list
             straight_join work_author on work_author.work_id = list.id
        "#,
        list::of(&changed)?
    )
    .execute(&mut **tx)
    .await?;
    let rows: Vec<Row<'_>> = changed
        .iter()
        .flat_map(|work| {
            let authors = links[work].authors.iter().enumerate();
            authors.map(|(at, (id, role))| Row { role: Some(role), ..Row::plain(*work, at + 1, *id) })
        })
        .collect();
    sqlx::query!(
        r#"
        insert into work_author (work_id, author_id, position, role)
        select list.work, list.other, list.position, list.role
        from json_table(?, '$[*]' columns (
                 work bigint unsigned path '$.work', other bigint unsigned path '$.other',
                 position smallint unsigned path '$.position', role varchar(20) path '$.role')) as list
        "#,
        list::of(&rows)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed)
}

async fn subjects(
    tx: &mut Transaction,
    links: &HashMap<u64, Links>,
    works: &str,
) -> Result<BTreeSet<u64>, ImportError> {
    let stored = sqlx::query!(
        r#"
        select work_subject.work_id, work_subject.subject_id
        from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list
             straight_join work_subject on work_subject.work_id = list.id
        order by work_subject.work_id, work_subject.position
        "#,
        works
    )
    .fetch_all(&mut **tx)
    .await?;
    let stored = stored.into_iter().map(|row| (row.work_id, row.subject_id));
    let changed = differing(links, stored, |links| links.subjects.clone());
    if changed.is_empty() {
        return Ok(changed);
    }
    sqlx::query!(
        r#"
        delete work_subject
        from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list
             straight_join work_subject on work_subject.work_id = list.id
        "#,
        list::of(&changed)?
    )
    .execute(&mut **tx)
    .await?;
    let rows: Vec<Row<'_>> = changed
        .iter()
        .flat_map(|work| links[work].subjects.iter().enumerate().map(|(at, id)| Row::plain(*work, at + 1, *id)))
        .collect();
    sqlx::query!(
        r#"
        insert into work_subject (work_id, subject_id, position)
        select list.work, list.other, list.position
        from json_table(?, '$[*]' columns (
                 work bigint unsigned path '$.work', other bigint unsigned path '$.other',
                 position smallint unsigned path '$.position')) as list
        "#,
        list::of(&rows)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed)
}

async fn series(tx: &mut Transaction, links: &HashMap<u64, Links>, works: &str) -> Result<BTreeSet<u64>, ImportError> {
    let stored = sqlx::query!(
        r#"
        select work_series.work_id, work_series.series_id, work_series.number
        from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list
             straight_join work_series on work_series.work_id = list.id
        order by work_series.work_id, work_series.position
        "#,
        works
    )
    .fetch_all(&mut **tx)
    .await?;
    let stored = stored.into_iter().map(|row| (row.work_id, (row.series_id, row.number)));
    let changed = differing(links, stored, |links| links.series.clone());
    if changed.is_empty() {
        return Ok(changed);
    }
    sqlx::query!(
        r#"
        delete work_series
        from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list
             straight_join work_series on work_series.work_id = list.id
        "#,
        list::of(&changed)?
    )
    .execute(&mut **tx)
    .await?;
    let rows: Vec<Row<'_>> = changed
        .iter()
        .flat_map(|work| {
            links[work].series.iter().enumerate().map(|(at, (id, number))| Row {
                number: number.as_deref(),
                sort_number: number
                    .as_deref()
                    .and_then(|number| number.parse().ok())
                    .filter(|number| f64::abs(*number) < 1e5),
                ..Row::plain(*work, at + 1, *id)
            })
        })
        .collect();
    sqlx::query!(
        r#"
        insert into work_series (work_id, series_id, position, number, sort_number)
        select list.work, list.other, list.position, list.number, list.sort_number
        from json_table(?, '$[*]' columns (
                 work bigint unsigned path '$.work', other bigint unsigned path '$.other',
                 position smallint unsigned path '$.position', number varchar(20) path '$.number',
                 sort_number decimal(9, 3) path '$.sort_number')) as list
        "#,
        list::of(&rows)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed)
}
