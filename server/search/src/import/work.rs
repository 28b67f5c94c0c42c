//! Works: those that a source describes by themselves, and those that are what their first edition says.

use std::collections::{BTreeSet, HashMap, HashSet};

use database::Transaction;
use serde::Serialize;
use sha2::{Digest, Sha256};
use trade::record::{Contributor, Product, Role, SeriesPart, Subject, Work};

use super::link::{self, Links};
use super::person::{Known, People};
use super::shelf::Shelves;
use super::{Difference, ImportError, compare, list};
use crate::slug;
use crate::text::squash;

/// What a work is to be like.
#[derive(Clone)]
pub(super) struct WantedWork<'a> {
    pub line: u64,
    pub key: &'a str,
    pub source_key: Option<String>,
    pub is_described: bool,
    slug: Option<&'a str>,
    title: &'a str,
    subtitle: Option<&'a str>,
    original_title: Option<&'a str>,
    language: Option<&'a str>,
    first_published: Option<i16>,
    /// None where it is not spoken of.
    about: Option<&'a str>,
    popularity: Option<u32>,
    contributors: &'a [Contributor],
    series: &'a [SeriesPart],
    subjects: &'a [Subject],
    pub match_key: Option<[u8; 16]>,
}

impl<'a> WantedWork<'a> {
    /// The work of a product; none where the product's description is missing.
    pub(super) fn of_product(source: &str, line: u64, product: &'a Product) -> Option<Self> {
        let description = product.description.as_ref()?;
        let mut work = Self {
            line,
            key: &product.key,
            source_key: product.work_key.as_ref().map(|key| format!("{source}/{key}")),
            is_described: false,
            slug: description.slug.as_deref(),
            title: &description.title,
            subtitle: description.subtitle.as_deref(),
            original_title: description.original_title.as_deref(),
            language: description.original_language.as_deref().or(description.languages.first().map(String::as_str)),
            first_published: description.first_published,
            about: product.texts.as_ref().map(|texts| texts.about.as_deref().unwrap_or_default()),
            popularity: description.popularity,
            contributors: &description.contributors,
            series: &description.series,
            subjects: &description.subjects,
            match_key: None,
        };
        work.match_key = work.to_match_key();
        Some(work)
    }

    pub(super) fn of_work(source: &str, line: u64, work: &'a Work) -> Self {
        let mut wanted = Self {
            line,
            key: &work.key,
            source_key: Some(format!("{source}/{}", work.key)),
            is_described: true,
            slug: None,
            title: &work.title,
            subtitle: work.subtitle.as_deref(),
            original_title: None,
            language: None,
            first_published: work.first_published,
            about: Some(work.about.as_deref().unwrap_or_default()),
            popularity: None,
            contributors: &work.contributors,
            series: &[],
            subjects: &work.subjects,
            match_key: None,
        };
        wanted.match_key = wanted.to_match_key();
        wanted
    }

    /// By which an edition that comes without its work's id finds the work: the same title, subtitle, first author and
    /// number in a series. Without an author nothing is certain enough.
    fn to_match_key(&self) -> Option<[u8; 16]> {
        let author = self.authors().next().filter(|author| !author.person.name.is_empty())?;
        let number = self.series.first().and_then(|part| part.number.as_deref()).unwrap_or_default();
        let mut hash = Sha256::new();
        for part in
            [&squash(self.title), &squash(self.subtitle.unwrap_or_default()), &slug(&author.person.name), number]
        {
            hash.update(part);
            hash.update([0]);
        }
        hash.finalize().first_chunk().copied()
    }

    /// Who stands on the cover: the authors, else who edited it, else whoever is named.
    fn authors(&self) -> impl Iterator<Item = &'a Contributor> {
        let of = |role| self.contributors.iter().any(|contributor| contributor.role == role);
        let chosen = [Role::Author, Role::Editor].into_iter().find(|role| of(*role));
        self.contributors.iter().filter(move |contributor| chosen.is_none_or(|role| contributor.role == role))
    }

    fn links(&self, source: &str, people: &People, shelves: &Shelves) -> Links {
        let mut authors: Vec<(u64, &'static str)> = Vec::new();
        for contributor in self.authors() {
            let role = match contributor.role {
                Role::Author => "author",
                Role::Editor => "editor",
                _ => "other",
            };
            if let Some(id) = people.get(&Known::of(source, &contributor.person))
                && !authors.iter().any(|(known, _)| known == id)
            {
                authors.push((*id, role));
            }
        }
        let mut subjects = Vec::new();
        for subject in self.subjects.iter().filter_map(|subject| shelves.subject(subject)) {
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
        let mut series: Vec<(u64, Option<String>)> = Vec::new();
        for part in self.series {
            if let Some(id) = shelves.series(&part.title)
                && !series.iter().any(|(known, _)| *known == id)
            {
                series.push((id, part.number.clone()));
            }
        }
        Links { authors, subjects, series }
    }
}

#[derive(Serialize)]
struct NewRow<'a> {
    slug: String,
    title: &'a str,
    subtitle: Option<&'a str>,
    original_title: Option<&'a str>,
    language: &'a str,
    first_published: Option<i16>,
    about: &'a str,
    popularity: u32,
    source_key: Option<&'a str>,
    match_key: Option<String>,
    is_described: u8,
}

#[derive(Serialize)]
struct ChangedRow<'a> {
    id: u64,
    title: &'a str,
    subtitle: Option<&'a str>,
    original_title: Option<&'a str>,
    language: &'a str,
    first_published: Option<i16>,
    about: &'a str,
    popularity: u32,
    match_key: Option<String>,
    is_described: u8,
}

/// What a language is called that nobody has said: undetermined (ISO 639-2).
const UNKNOWN_LANGUAGE: &str = "und";

/// Writes new works; returns their ids, in their order.
pub(super) async fn insert(
    tx: &mut Transaction,
    source: &str,
    new: &[WantedWork<'_>],
) -> Result<Vec<u64>, ImportError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let choices: Vec<[String; 2]> = new
        .iter()
        .map(|work| {
            let title = work.slug.map_or_else(|| slug(work.title), ToOwned::to_owned);
            let author = work.authors().next().map(|author| author.person.name.as_str()).unwrap_or_default();
            let with_author = slug(&format!("{title} {author}"));
            [title, with_author]
        })
        .collect();
    let asked: BTreeSet<&String> = choices.iter().flatten().collect();
    let taken = sqlx::query_scalar!(
        r#"
        select work.slug
        from json_table(?, '$[*]' columns (slug varchar(160) character set ascii path '$')) as list
             straight_join work on work.slug = list.slug collate ascii_bin
        "#,
        list::of(&asked)?
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut taken: HashSet<String> = taken.into_iter().collect();
    let rows: Vec<NewRow<'_>> = new
        .iter()
        .zip(&choices)
        .map(|(work, [title, with_author])| NewRow {
            slug: slug::free(&[title, with_author], &format!("{source}/{}", work.key), &mut taken),
            title: work.title,
            subtitle: work.subtitle,
            original_title: work.original_title,
            language: work.language.unwrap_or(UNKNOWN_LANGUAGE),
            first_published: work.first_published,
            about: work.about.unwrap_or_default(),
            popularity: work.popularity.unwrap_or_default(),
            source_key: work.source_key.as_deref(),
            match_key: work.match_key.map(hex::encode),
            is_described: work.is_described.into(),
        })
        .collect();
    let list = list::of(&rows)?;
    sqlx::query!(
        r#"
        insert into work (slug, title, subtitle, original_title, language, first_published, description, popularity,
                          source_key, match_key, is_described)
        select list.slug, list.title, list.subtitle, list.original_title, list.language, list.first_published,
               list.about, list.popularity, list.source_key, unhex(list.match_key), list.is_described
        from json_table(?, '$[*]' columns (
                 slug varchar(160) character set ascii path '$.slug', title varchar(500) character set utf8mb4 path '$.title',
                 subtitle varchar(500) character set utf8mb4 path '$.subtitle',
                 original_title varchar(500) character set utf8mb4 path '$.original_title',
                 language varchar(3) character set ascii path '$.language', first_published smallint path '$.first_published',
                 about mediumtext character set utf8mb4 path '$.about', popularity int unsigned path '$.popularity',
                 source_key varchar(200) character set utf8mb4 path '$.source_key',
                 match_key char(32) character set ascii path '$.match_key', is_described int path '$.is_described')) as list
        "#,
        list
    )
    .execute(&mut **tx)
    .await?;
    let ids = sqlx::query!(
        r#"
        select work.id, work.slug
        from json_table(?, '$[*]' columns (slug varchar(160) character set ascii path '$.slug')) as list
             straight_join work on work.slug = list.slug collate ascii_bin
        "#,
        list
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids: HashMap<String, u64> = ids.into_iter().map(|row| (row.slug, row.id)).collect();
    let id = |row: &NewRow<'_>| ids.get(&row.slug).copied().ok_or(sqlx::Error::RowNotFound);
    Ok(rows.iter().map(id).collect::<Result<_, _>>()?)
}

/// Makes stored works what they are wanted to be; their slugs stay, for addresses are promises. Returns which have changed.
pub(super) async fn update(
    tx: &mut Transaction,
    wanted: &HashMap<u64, WantedWork<'_>>,
    differences: &mut Vec<Difference>,
) -> Result<BTreeSet<u64>, ImportError> {
    if wanted.is_empty() {
        return Ok(BTreeSet::new());
    }
    let stored = sqlx::query!(
        r#"
        select work.id, work.title, work.subtitle, work.original_title, work.language, work.first_published,
               work.description, work.popularity, work.match_key as "match_key: Vec<u8>",
               work.is_described as "is_described: bool"
        from (select list.id from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list limit 1000000)
                 as wanted
             straight_join work force index (primary) on work.id = wanted.id
        for update
        "#,
        list::of(&wanted.keys().collect::<BTreeSet<_>>())?
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut changed = Vec::new();
    for row in &stored {
        let Some(work) = wanted.get(&row.id) else { continue };
        let at = (work.line, work.key);
        let before = differences.len();
        let language = work.language.unwrap_or(&row.language);
        let about = work.about.unwrap_or(&row.description);
        let popularity = work.popularity.unwrap_or(row.popularity);
        compare(differences, at, "title", &row.title.as_str(), &work.title);
        compare(differences, at, "subtitle", &row.subtitle.as_deref(), &work.subtitle);
        compare(differences, at, "original title", &row.original_title.as_deref(), &work.original_title);
        compare(differences, at, "language", &row.language.as_str(), &language);
        compare(differences, at, "first published", &row.first_published, &work.first_published);
        compare(differences, at, "about", &row.description.as_str(), &about);
        compare(differences, at, "popularity", &row.popularity, &popularity);
        let is_new_to_us = row.match_key.as_deref() != work.match_key.as_ref().map(<[u8; 16]>::as_slice)
            || row.is_described != work.is_described;
        if differences.len() > before || is_new_to_us {
            changed.push(ChangedRow {
                id: row.id,
                title: work.title,
                subtitle: work.subtitle,
                original_title: work.original_title,
                language,
                first_published: work.first_published,
                about,
                popularity,
                match_key: work.match_key.map(hex::encode),
                is_described: work.is_described.into(),
            });
        }
    }
    if !changed.is_empty() {
        sqlx::query!(
            r#"
            update json_table(?, '$[*]' columns (
                       id bigint unsigned path '$.id', title varchar(500) character set utf8mb4 path '$.title',
                       subtitle varchar(500) character set utf8mb4 path '$.subtitle',
                       original_title varchar(500) character set utf8mb4 path '$.original_title',
                       language varchar(3) character set ascii path '$.language',
                       first_published smallint path '$.first_published',
                       about mediumtext character set utf8mb4 path '$.about',
                       popularity int unsigned path '$.popularity',
                       match_key char(32) character set ascii path '$.match_key',
                       is_described int path '$.is_described')) as list
                   straight_join work force index (primary) on work.id = list.id
            set work.title = list.title, work.subtitle = list.subtitle, work.original_title = list.original_title,
                work.language = list.language, work.first_published = list.first_published,
                work.description = list.about, work.popularity = list.popularity,
                work.match_key = unhex(list.match_key), work.is_described = list.is_described
            "#,
            list::of(&changed)?
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(changed.iter().map(|row| row.id).collect())
}

/// Links works to their authors, subjects and series; returns which have changed.
pub(super) async fn write_links(
    tx: &mut Transaction,
    source: &str,
    works: &HashMap<u64, WantedWork<'_>>,
    people: &People,
    shelves: &Shelves,
) -> Result<BTreeSet<u64>, ImportError> {
    let links = works.iter().map(|(id, work)| (*id, work.links(source, people, shelves))).collect();
    link::write(tx, &links).await
}

/// The ids of works that are known by their source's id.
pub(super) async fn by_source_key(
    tx: &mut Transaction,
    keys: &BTreeSet<String>,
) -> Result<HashMap<String, u64>, ImportError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let found = sqlx::query!(
        r#"
        select work.id, work.source_key as "source_key!"
        from json_table(?, '$[*]' columns (source_key varchar(200) character set utf8mb4 path '$')) as list
             straight_join work on work.source_key = list.source_key collate utf8mb4_bin
        "#,
        list::of(keys)?
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(found.into_iter().map(|row| (row.source_key, row.id)).collect())
}

/// The ids of works by their match keys, the oldest where there are several.
pub(super) async fn by_match_key(
    tx: &mut Transaction,
    keys: &BTreeSet<[u8; 16]>,
) -> Result<HashMap<[u8; 16], u64>, ImportError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let asked: Vec<String> = keys.iter().map(hex::encode).collect();
    let found = sqlx::query!(
        r#"
        select min(work.id) as "id!", work.match_key as "match_key!: Vec<u8>"
        from json_table(?, '$[*]' columns (match_key char(32) character set ascii path '$')) as list
             straight_join work on work.match_key = unhex(list.match_key)
        group by work.match_key
        "#,
        list::of(&asked)?
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(found.into_iter().filter_map(|row| Some((*row.match_key.first_chunk()?, row.id))).collect())
}
