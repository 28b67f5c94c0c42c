//! Everybody who contributes to books. A source's own id tells people apart; without one, their name does.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use database::Transaction;
use serde::Serialize;
use trade::record::Person;

use super::check::LONGEST_NAME;
use super::{ImportError, list};
use crate::slug;

/// How a person is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Known {
    /// By SOURCE/ID.
    ById(String),
    /// By the slug of the name.
    ByName(String),
}

impl Known {
    pub(super) fn of(source: &str, person: &Person) -> Self {
        match &person.key {
            Some(key) => Self::ById(format!("{source}/{key}")),
            None => Self::ByName(slug(&person.name)),
        }
    }
}

/// The ids of people.
pub(super) type People = HashMap<Known, u64>;

struct Wanted<'a> {
    person: &'a Person,
    /// The source speaks of the person, and does not only name them with a book.
    is_described: bool,
}

#[derive(Serialize)]
struct NewPerson<'a> {
    slug: String,
    name: &'a str,
    sort_name: String,
    about: &'a str,
    source_key: Option<&'a str>,
}

#[derive(Serialize)]
struct ChangedPerson<'a> {
    id: u64,
    name: &'a str,
    sort_name: String,
    about: &'a str,
}

#[derive(Serialize)]
struct OtherName<'a> {
    id: u64,
    name: &'a str,
}

/// Writes people down: those who are only named, where they are not known; those who are described, as described.
pub(super) async fn write<'a>(
    tx: &mut Transaction,
    source: &str,
    named: impl Iterator<Item = &'a Person>,
    described: impl Iterator<Item = &'a Person>,
) -> Result<People, ImportError> {
    let mut wanted: BTreeMap<Known, Wanted<'a>> = BTreeMap::new();
    for person in named {
        wanted.entry(Known::of(source, person)).or_insert(Wanted { person, is_described: false });
    }
    for person in described {
        wanted.insert(Known::of(source, person), Wanted { person, is_described: true });
    }
    if wanted.is_empty() {
        return Ok(People::new());
    }
    let mut people = find(tx, &wanted).await?;
    let new: BTreeMap<&Known, &Wanted<'a>> = wanted.iter().filter(|(known, _)| !people.contains_key(*known)).collect();
    if !new.is_empty() {
        insert(tx, &new).await?;
        people = find(tx, &wanted).await?;
    }
    update(tx, &wanted, &people).await?;
    add_other_names(tx, &wanted, &people).await?;
    Ok(people)
}

async fn find(tx: &mut Transaction, wanted: &BTreeMap<Known, Wanted<'_>>) -> Result<People, ImportError> {
    let (mut keys, mut slugs) = (Vec::new(), Vec::new());
    for known in wanted.keys() {
        match known {
            Known::ById(key) => keys.push(key),
            Known::ByName(slug) => slugs.push(slug),
        }
    }
    let mut people = People::new();
    if !keys.is_empty() {
        let found = sqlx::query!(
            r#"
            select author.id, author.source_key as "source_key!"
            from json_table(?, '$[*]' columns (source_key varchar(200) character set utf8mb4 path '$')) as list
                 straight_join author on author.source_key = list.source_key collate utf8mb4_bin
            "#,
            list::of(&keys)?
        )
        .fetch_all(&mut **tx)
        .await?;
        people.extend(found.into_iter().map(|row| (Known::ById(row.source_key), row.id)));
    }
    if !slugs.is_empty() {
        let found = sqlx::query!(
            r#"
            select author.id, author.slug
            from json_table(?, '$[*]' columns (slug varchar(160) character set ascii path '$')) as list
                 straight_join author on author.slug = list.slug collate ascii_bin
            "#,
            list::of(&slugs)?
        )
        .fetch_all(&mut **tx)
        .await?;
        people.extend(found.into_iter().map(|row| (Known::ByName(row.slug), row.id)));
    }
    Ok(people)
}

async fn insert(tx: &mut Transaction, new: &BTreeMap<&Known, &Wanted<'_>>) -> Result<(), ImportError> {
    // Whoever is known by a source's id shares a name, and so its slug, with others.
    let choices: Vec<String> = new
        .iter()
        .filter(|(known, _)| matches!(known, Known::ById(_)))
        .map(|(_, wanted)| slug(shown_name(wanted.person)))
        .collect();
    let mut taken: HashSet<String> = sqlx::query_scalar!(
        r#"
        select author.slug
        from json_table(?, '$[*]' columns (slug varchar(160) character set ascii path '$')) as list
             straight_join author on author.slug = list.slug collate ascii_bin
        "#,
        list::of(&choices)?
    )
    .fetch_all(&mut **tx)
    .await?
    .into_iter()
    .collect();
    taken.extend(new.keys().filter_map(|known| match known {
        Known::ByName(slug) => Some(slug.clone()),
        Known::ById(_) => None,
    }));
    let rows: Vec<NewPerson<'_>> = new
        .iter()
        .map(|(known, wanted)| {
            let name = shown_name(wanted.person);
            let (slug, source_key) = match known {
                Known::ByName(slug) => (slug.clone(), None),
                Known::ById(key) => (slug::free(&[&slug(name)], key, &mut taken), Some(key.as_str())),
            };
            let about = wanted.person.about.as_deref().unwrap_or_default();
            NewPerson { slug, name, sort_name: sort_name(wanted.person), about, source_key }
        })
        .collect();
    sqlx::query!(
        r#"
        insert into author (slug, name, sort_name, about, source_key)
        select list.slug, list.name, list.sort_name, list.about, list.source_key
        from json_table(?, '$[*]' columns (
                 slug varchar(160) character set ascii path '$.slug', name varchar(300) character set utf8mb4 path '$.name',
                 sort_name varchar(300) character set utf8mb4 path '$.sort_name',
                 about mediumtext character set utf8mb4 path '$.about',
                 source_key varchar(200) character set utf8mb4 path '$.source_key')) as list
        "#,
        list::of(&rows)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn update(
    tx: &mut Transaction,
    wanted: &BTreeMap<Known, Wanted<'_>>,
    people: &People,
) -> Result<(), ImportError> {
    let described: HashMap<u64, &Person> = wanted
        .iter()
        .filter(|(_, wanted)| wanted.is_described)
        .filter_map(|(known, wanted)| Some((*people.get(known)?, wanted.person)))
        .collect();
    if described.is_empty() {
        return Ok(());
    }
    let stored = sqlx::query!(
        r#"
        select author.id, author.name, author.sort_name, author.about
        from (select list.id from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list limit 1000000)
                 as wanted
             straight_join author force index (primary) on author.id = wanted.id
        for update
        "#,
        list::of(&described.keys().collect::<BTreeSet<_>>())?
    )
    .fetch_all(&mut **tx)
    .await?;
    let changed: Vec<ChangedPerson<'_>> = stored
        .iter()
        .filter_map(|row| {
            let person = described.get(&row.id)?;
            let about = person.about.as_deref().unwrap_or_default();
            let changed = ChangedPerson { id: row.id, name: shown_name(person), sort_name: sort_name(person), about };
            let same = row.name == changed.name && row.sort_name == changed.sort_name && row.about == changed.about;
            (!same).then_some(changed)
        })
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let rows = list::of(&changed)?;
    sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (
                   id bigint unsigned path '$.id', name varchar(300) character set utf8mb4 path '$.name',
                   sort_name varchar(300) character set utf8mb4 path '$.sort_name',
                   about mediumtext character set utf8mb4 path '$.about')) as list
               straight_join author force index (primary) on author.id = list.id
        set author.name = list.name, author.sort_name = list.sort_name, author.about = list.about
        "#,
        rows
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        r#"
        insert into book_change (edition_id)
        select edition.id
        from json_table(?, '$[*]' columns (id bigint unsigned path '$.id')) as list
             straight_join work_author on work_author.author_id = list.id
             straight_join edition on edition.work_id = work_author.work_id
        "#,
        rows
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn add_other_names(
    tx: &mut Transaction,
    wanted: &BTreeMap<Known, Wanted<'_>>,
    people: &People,
) -> Result<(), ImportError> {
    let rows: Vec<OtherName<'_>> = wanted
        .iter()
        .filter_map(|(known, wanted)| Some((*people.get(known)?, wanted.person)))
        .flat_map(|(id, person)| person.other_names.iter().map(move |name| OtherName { id, name }))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        insert into author_name (author_id, name)
        select list.id, list.name
        from json_table(?, '$[*]' columns (
                 id bigint unsigned path '$.id', name varchar(300) character set utf8mb4 path '$.name')) as list
        on duplicate key update author_id = author_id
        "#,
        list::of(&rows)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Until a source that only gave an id says the name, the id stands for it.
fn shown_name(person: &Person) -> &str {
    if person.name.is_empty() { person.key.as_deref().unwrap_or("Unknown") } else { &person.name }
}

/// "J. R. R. Tolkien" is filed under "Tolkien, J. R. R.", unless the source says otherwise.
fn sort_name(person: &Person) -> String {
    let name = shown_name(person);
    match (&person.sort_name, name.rsplit_once(' ')) {
        (Some(sort_name), _) => sort_name.clone(),
        (None, Some((first, last))) => format!("{last}, {first}").chars().take(LONGEST_NAME).collect(),
        (None, None) => name.to_owned(),
    }
}
