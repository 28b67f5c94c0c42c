//! Editions: what is stored of them, and making them what their source says.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use database::Transaction;
use serde::Serialize;
use time::Date;
use trade::record::{self, Form, Product, PublishingStatus, Role};

use super::person::{Known, People};
use super::shelf::Shelves;
use super::{Difference, ImportError, compare, list};
use crate::Format;

/// What the catalogue says of an edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub isbn13: Option<String>,
    pub format: Format,
    pub language: String,
    pub publisher: Option<u64>,
    pub published: Option<i16>,
    pub published_month: Option<u8>,
    pub published_day: Option<u8>,
    pub pages: Option<u32>,
    pub availability: Availability,
    pub status: Status,
    pub expected_on: Option<Date>,
    pub embargo_until: Option<Date>,
    pub is_listed: bool,
}

/// As the table spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub(super) enum Availability {
    Available,
    NotYet,
    Temporarily,
    NotAvailable,
    Unknown,
}

/// As the table spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub(super) enum Status {
    Forthcoming,
    Active,
    Cancelled,
    OutOfPrint,
}

impl Facts {
    fn unknown() -> Self {
        Self {
            isbn13: None,
            format: Format::Printed,
            language: "und".to_owned(),
            publisher: None,
            published: None,
            published_month: None,
            published_day: None,
            pages: None,
            availability: Availability::Available,
            status: Status::Active,
            expected_on: None,
            embargo_until: None,
            is_listed: true,
        }
    }

    /// With what the product's blocks say; what they do not speak of stays.
    fn with(mut self, product: &Product, shelves: &Shelves) -> Self {
        self.is_listed = true;
        if let Some(isbn) = &product.isbn {
            self.isbn13 = Some(isbn.to_string());
        }
        if let Some(description) = &product.description {
            self.format = match description.form {
                Form::Paperback => Format::Paperback,
                Form::Hardback => Format::Hardback,
                Form::Printed => Format::Printed,
                Form::Other => Format::Other,
            };
            self.language = description.languages.first().cloned().unwrap_or_else(|| "und".to_owned());
            self.pages = description.pages;
        }
        if let Some(publishing) = &product.publishing {
            self.publisher = publishing.publisher.as_deref().and_then(|name| shelves.publisher(name));
            self.published = publishing.published.map(|date| date.year);
            self.published_month = publishing.published.and_then(|date| date.month);
            self.published_day = publishing.published.and_then(|date| date.day);
            self.embargo_until = publishing.embargo_until;
            self.status = match publishing.status {
                Some(PublishingStatus::Forthcoming) => Status::Forthcoming,
                Some(PublishingStatus::CancelledOrPostponed) => Status::Cancelled,
                Some(PublishingStatus::OutOfPrint) => Status::OutOfPrint,
                Some(PublishingStatus::Active) | None => Status::Active,
            };
        }
        if let Some(supply) = &product.supply {
            self.expected_on = supply.expected;
            self.availability = match supply.availability {
                Some(record::Availability::Available) | None => Availability::Available,
                Some(record::Availability::NotYet) => Availability::NotYet,
                Some(record::Availability::Temporarily) => Availability::Temporarily,
                Some(record::Availability::NotAvailable) => Availability::NotAvailable,
                Some(record::Availability::Unknown) => Availability::Unknown,
            };
        }
        self
    }

    /// Whether the shop sells it, for all that the trade says.
    pub(super) fn is_sold(&self) -> bool {
        self.is_listed
            && self.format != Format::Other
            && self.availability != Availability::NotAvailable
            && self.status != Status::Cancelled
    }
}

/// An edition as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub id: u64,
    pub work_id: u64,
    /// The work is what this edition says: it is the first, and of this source.
    pub leads: bool,
    /// The key under which this source knows it.
    pub source_key: Option<String>,
    pub facts: Facts,
}

#[derive(Serialize)]
struct Row<'a> {
    id: u64,
    work_id: u64,
    external_key: &'a str,
    isbn13: Option<&'a str>,
    format: Format,
    language: &'a str,
    publisher: Option<u64>,
    published: Option<i16>,
    published_month: Option<u8>,
    published_day: Option<u8>,
    pages: Option<u32>,
    availability: Availability,
    status: Status,
    expected_on: Option<String>,
    embargo_until: Option<String>,
    is_listed: u8,
}

impl<'a> Row<'a> {
    fn new(id: u64, work_id: u64, external_key: &'a str, facts: &'a Facts) -> Self {
        Self {
            id,
            work_id,
            external_key,
            isbn13: facts.isbn13.as_deref(),
            format: facts.format,
            language: &facts.language,
            publisher: facts.publisher,
            published: facts.published,
            published_month: facts.published_month,
            published_day: facts.published_day,
            pages: facts.pages,
            availability: facts.availability,
            status: facts.status,
            expected_on: facts.expected_on.map(|date| date.to_string()),
            embargo_until: facts.embargo_until.map(|date| date.to_string()),
            is_listed: facts.is_listed.into(),
        }
    }
}

/// Which editions are asked for.
pub(super) enum By<'a> {
    /// By SOURCE/ID.
    Key(&'a BTreeSet<String>),
    Isbn(&'a BTreeSet<&'a str>),
}

/// The stored editions, by what they were asked for.
pub(super) async fn find(
    tx: &mut Transaction,
    source: &str,
    by: By<'_>,
) -> Result<HashMap<String, Stored>, ImportError> {
    let (keys, isbns) = match by {
        By::Key(keys) if keys.is_empty() => return Ok(HashMap::new()),
        By::Isbn(isbns) if isbns.is_empty() => return Ok(HashMap::new()),
        By::Key(keys) => (list::of(keys)?, "[]".to_owned()),
        By::Isbn(isbns) => ("[]".to_owned(), list::of(isbns)?),
    };
    let rows = sqlx::query!(
        r#"
        select edition.id, edition.work_id, wanted.asked as "asked!: String", own.source_key as "source_key?",
               not work.is_described and left(edition.external_key, char_length(?) + 1) = concat(?, '/') and not exists (
                   select 1 from edition as earlier
                   where earlier.work_id = edition.work_id and earlier.id < edition.id) as "leads!: bool",
               edition.isbn13, edition.format as "format: Format", edition.language, edition.publisher_id,
               edition.published, edition.published_month, edition.published_day, edition.pages,
               edition.availability as "availability: Availability", edition.status as "status: Status",
               edition.expected_on, edition.embargo_until, edition.is_listed as "is_listed: bool"
        from (select list.source_key as asked, edition_source.edition_id
              from json_table(?, '$[*]' columns (source_key varchar(200) character set utf8mb4 path '$')) as list
                   straight_join edition_source on edition_source.source_key = list.source_key collate utf8mb4_bin
              union all
              select list.isbn13 as asked, edition.id
              from json_table(?, '$[*]' columns (isbn13 char(13) character set ascii path '$')) as list
                   straight_join edition on edition.isbn13 = list.isbn13 collate ascii_bin) as wanted
             straight_join edition on edition.id = wanted.edition_id
             straight_join work on work.id = edition.work_id
             left join edition_source as own on own.edition_id = edition.id and own.source = ?
        "#,
        source,
        source,
        keys,
        isbns,
        source
    )
    .fetch_all(&mut **tx)
    .await?;
    let stored = |row: (u64, u64, bool, Option<String>), facts| Stored {
        id: row.0,
        work_id: row.1,
        leads: row.2,
        source_key: row.3,
        facts,
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let facts = Facts {
                isbn13: row.isbn13,
                format: row.format,
                language: row.language,
                publisher: row.publisher_id,
                published: row.published,
                published_month: row.published_month,
                published_day: row.published_day,
                pages: row.pages,
                availability: row.availability,
                status: row.status,
                expected_on: row.expected_on,
                embargo_until: row.embargo_until,
                is_listed: row.is_listed,
            };
            (row.asked, stored((row.id, row.work_id, row.leads, row.source_key), facts))
        })
        .collect())
}

/// A new edition and the work that it belongs to.
pub(super) struct NewEdition<'a> {
    pub line: u64,
    pub work_id: u64,
    pub source_key: String,
    pub product: &'a Product,
}

/// Writes new editions; returns ids and facts, in their order.
pub(super) async fn insert(
    tx: &mut Transaction,
    new: &[NewEdition<'_>],
    shelves: &Shelves,
) -> Result<Vec<(u64, Facts)>, ImportError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let facts: Vec<Facts> = new.iter().map(|edition| Facts::unknown().with(edition.product, shelves)).collect();
    let rows: Vec<Row<'_>> = new
        .iter()
        .zip(&facts)
        .map(|(edition, facts)| Row::new(0, edition.work_id, &edition.source_key, facts))
        .collect();
    let list = list::of(&rows)?;
    sqlx::query!(
        r#"
        insert into edition (work_id, external_key, isbn13, format, language, publisher_id, published, published_month,
                             published_day, pages, availability, status, expected_on, embargo_until, is_listed)
        select list.work_id, list.external_key, list.isbn13, list.format, list.language, list.publisher, list.published,
               list.published_month, list.published_day, list.pages, list.availability, list.status, list.expected_on,
               list.embargo_until, list.is_listed
        from json_table(?, '$[*]' columns (
                 work_id bigint unsigned path '$.work_id',
                 external_key varchar(200) character set utf8mb4 path '$.external_key',
                 isbn13 char(13) character set ascii path '$.isbn13', format varchar(20) path '$.format',
                 language varchar(3) character set ascii path '$.language', publisher bigint unsigned path '$.publisher',
                 published smallint path '$.published', published_month tinyint unsigned path '$.published_month',
                 published_day tinyint unsigned path '$.published_day', pages int unsigned path '$.pages',
                 availability varchar(20) path '$.availability', status varchar(20) path '$.status',
                 expected_on date path '$.expected_on', embargo_until date path '$.embargo_until',
                 is_listed int path '$.is_listed')) as list
        "#,
        list
    )
    .execute(&mut **tx)
    .await?;
    let found = sqlx::query!(
        r#"
        select edition.id, edition.external_key
        from json_table(?, '$[*]' columns (external_key varchar(200) character set utf8mb4 path '$.external_key')) as list
             straight_join edition on edition.external_key = list.external_key collate utf8mb4_bin
        "#,
        list
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids: HashMap<String, u64> = found.into_iter().map(|row| (row.external_key, row.id)).collect();
    let id = |key: &str| ids.get(key).copied().ok_or(sqlx::Error::RowNotFound);
    Ok(new
        .iter()
        .zip(facts)
        .map(|(edition, facts)| Ok((id(&edition.source_key)?, facts)))
        .collect::<Result<_, sqlx::Error>>()?)
}

/// Makes a stored edition what the product says; returns the new facts, which differ from the old ones or not.
pub(super) fn changed(
    stored: &Stored,
    (line, product): (u64, &Product),
    shelves: &Shelves,
    differences: &mut Vec<Difference>,
) -> Facts {
    let (before, after) = (&stored.facts, stored.facts.clone().with(product, shelves));
    let at = (line, product.key.as_str());
    compare(differences, at, "ISBN", &before.isbn13, &after.isbn13);
    compare(differences, at, "format", &before.format, &after.format);
    compare(differences, at, "language", &before.language, &after.language);
    compare(differences, at, "publisher", &before.publisher, &after.publisher);
    let date = |facts: &Facts| (facts.published, facts.published_month, facts.published_day);
    compare(differences, at, "published", &date(before), &date(&after));
    compare(differences, at, "pages", &before.pages, &after.pages);
    compare(differences, at, "availability", &before.availability, &after.availability);
    compare(differences, at, "publishing status", &before.status, &after.status);
    compare(differences, at, "expected", &before.expected_on, &after.expected_on);
    compare(differences, at, "embargo", &before.embargo_until, &after.embargo_until);
    compare(differences, at, "listed", &before.is_listed, &after.is_listed);
    after
}

/// Writes changed facts down.
pub(super) async fn update(tx: &mut Transaction, changed: &BTreeMap<u64, Facts>) -> Result<(), ImportError> {
    if changed.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row<'_>> = changed.iter().map(|(id, facts)| Row::new(*id, 0, "", facts)).collect();
    sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (
                   id bigint unsigned path '$.id', isbn13 char(13) character set ascii path '$.isbn13',
                   format varchar(20) path '$.format', language varchar(3) character set ascii path '$.language',
                   publisher bigint unsigned path '$.publisher', published smallint path '$.published',
                   published_month tinyint unsigned path '$.published_month',
                   published_day tinyint unsigned path '$.published_day', pages int unsigned path '$.pages',
                   availability varchar(20) path '$.availability', status varchar(20) path '$.status',
                   expected_on date path '$.expected_on', embargo_until date path '$.embargo_until',
                   is_listed int path '$.is_listed')) as list
               straight_join edition force index (primary) on edition.id = list.id
        set edition.isbn13 = list.isbn13, edition.format = list.format, edition.language = list.language,
            edition.publisher_id = list.publisher, edition.published = list.published,
            edition.published_month = list.published_month, edition.published_day = list.published_day,
            edition.pages = list.pages, edition.availability = list.availability, edition.status = list.status,
            edition.expected_on = list.expected_on, edition.embargo_until = list.embargo_until,
            edition.is_listed = list.is_listed
        "#,
        list::of(&rows)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct SourceRow<'a> {
    key: &'a str,
    edition: u64,
}

/// Writes down under which keys a source knows editions.
pub(super) async fn insert_sources(
    tx: &mut Transaction,
    source: &str,
    keys: &[(&str, u64)],
) -> Result<(), ImportError> {
    if keys.is_empty() {
        return Ok(());
    }
    let rows: Vec<SourceRow<'_>> = keys.iter().map(|(key, edition)| SourceRow { key, edition: *edition }).collect();
    sqlx::query!(
        r#"
        insert into edition_source (source_key, source, edition_id)
        select list.source_key, ?, list.edition
        from json_table(?, '$[*]' columns (
                 source_key varchar(200) character set utf8mb4 path '$.key',
                 edition bigint unsigned path '$.edition')) as list
        "#,
        source,
        list::of(&rows)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Who has made an edition, besides those on the work's cover: ids and roles, in their order.
pub(super) fn contributors(source: &str, product: &Product, people: &People) -> Vec<(u64, &'static str)> {
    let mut found = Vec::new();
    for contributor in product.description.iter().flat_map(|description| &description.contributors) {
        let role = match contributor.role {
            Role::Author => continue,
            Role::Editor => "editor",
            Role::Translator => "translator",
            Role::Illustrator => "illustrator",
            Role::Introduction => "introduction",
            Role::Narrator => "narrator",
            Role::Other => "other",
        };
        if let Some(id) = people.get(&Known::of(source, &contributor.person))
            && !found.contains(&(*id, role))
        {
            found.push((*id, role));
        }
    }
    found
}

#[derive(Serialize)]
struct ContributorRow {
    edition: u64,
    author: u64,
    role: &'static str,
    position: usize,
}

/// Writes down who has made editions; returns those for whom that has changed.
pub(super) async fn write_contributors(
    tx: &mut Transaction,
    wanted: &BTreeMap<u64, Vec<(u64, &'static str)>>,
) -> Result<BTreeSet<u64>, ImportError> {
    if wanted.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows = sqlx::query!(
        r#"
        select edition_contributor.edition_id, edition_contributor.author_id, edition_contributor.role
        from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list
             straight_join edition_contributor on edition_contributor.edition_id = list.id
        order by edition_contributor.edition_id, edition_contributor.position
        "#,
        list::of(&wanted.keys().collect::<Vec<_>>())?
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut stored: HashMap<u64, Vec<(u64, String)>> = HashMap::new();
    for row in rows {
        stored.entry(row.edition_id).or_default().push((row.author_id, row.role));
    }
    let same = |edition: &u64, wanted: &[(u64, &str)]| {
        let stored = stored.get(edition).map(Vec::as_slice).unwrap_or_default();
        stored.iter().map(|(id, role)| (*id, role.as_str())).eq(wanted.iter().copied())
    };
    let changed: BTreeSet<u64> =
        wanted.iter().filter(|(edition, wanted)| !same(edition, wanted)).map(|(edition, _)| *edition).collect();
    if changed.is_empty() {
        return Ok(changed);
    }
    sqlx::query!(
        r#"
        delete edition_contributor
        from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list
             straight_join edition_contributor on edition_contributor.edition_id = list.id
        "#,
        list::of(&changed)?
    )
    .execute(&mut **tx)
    .await?;
    let rows: Vec<ContributorRow> = changed
        .iter()
        .flat_map(|edition| {
            wanted[edition].iter().enumerate().map(|(at, (author, role))| ContributorRow {
                edition: *edition,
                author: *author,
                role,
                position: at + 1,
            })
        })
        .collect();
    sqlx::query!(
        r#"
        insert into edition_contributor (edition_id, author_id, role, position)
        select list.edition, list.author, list.role, list.position
        from json_table(?, '$[*]' columns (
                 edition bigint unsigned path '$.edition', author bigint unsigned path '$.author',
                 role varchar(20) path '$.role', position smallint unsigned path '$.position')) as list
        "#,
        list::of(&rows)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed)
}
