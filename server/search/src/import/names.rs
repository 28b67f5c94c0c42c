//! Writing authors and subjects, which works share.

use std::collections::{BTreeMap, HashMap};

use database::Transaction;

use super::ImportError;
use super::file::{self, File};
use crate::slug;

/// What the file says of an author.
struct Author {
    name: String,
    sort_name: String,
    about: String,
    /// Whether there is more than the name that a work gives: only then is a stored author changed.
    described: bool,
}

/// The ids of authors and subjects, by slug.
#[derive(Default)]
pub(super) struct Names {
    pub(super) authors: HashMap<String, u64>,
    pub(super) subjects: HashMap<String, u64>,
}

pub(super) async fn write_names(tx: &mut Transaction, file: &File) -> Result<Names, ImportError> {
    let mut authors: BTreeMap<String, Author> = BTreeMap::new();
    let mut subjects = BTreeMap::new();
    let plain = |name: &str| Author {
        name: name.to_owned(),
        sort_name: sort_name(name),
        about: String::new(),
        described: false,
    };
    for work in &file.works {
        authors.extend(work.authors.iter().map(|name| (slug(name), plain(name))));
        subjects.extend(work.subjects.iter().map(|name| (slug(name), name)));
    }
    for file::Author { name, sort_name, about } in &file.authors {
        let mut author = plain(name.get_ref());
        author.about.clone_from(about);
        author.described = true;
        if let Some(sort_name) = sort_name {
            author.sort_name.clone_from(sort_name);
        }
        authors.insert(slug(name.get_ref()), author);
    }
    let mut names = Names::default();
    for (slug, author) in authors {
        let id = write_author(tx, &slug, author).await?;
        names.authors.insert(slug, id);
    }
    for (slug, name) in subjects {
        let id = write_subject(tx, &slug, name).await?;
        names.subjects.insert(slug, id);
    }
    Ok(names)
}

/// "J. R. R. Tolkien" is filed under "Tolkien, J. R. R.", unless the file says otherwise.
fn sort_name(name: &str) -> String {
    match name.rsplit_once(' ') {
        Some((first, last)) => format!("{last}, {first}"),
        None => name.to_owned(),
    }
}

async fn write_author(tx: &mut Transaction, slug: &str, author: Author) -> Result<u64, ImportError> {
    let stored = sqlx::query!("select id, name, sort_name, about from author where slug = ? for update", slug)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(stored) = stored else {
        let inserted = sqlx::query!(
            "insert into author (slug, name, sort_name, about) values (?, ?, ?, ?)",
            slug,
            author.name,
            author.sort_name,
            author.about,
        )
        .execute(&mut **tx)
        .await?;
        return Ok(inserted.last_insert_id());
    };
    let id = stored.id;
    let same = stored.name == author.name && stored.sort_name == author.sort_name && stored.about == author.about;
    if author.described && !same {
        sqlx::query!(
            "update author set name = ?, sort_name = ?, about = ? where id = ?",
            author.name,
            author.sort_name,
            author.about,
            id,
        )
        .execute(&mut **tx)
        .await?;
        sqlx::query!(
            r#"
            insert into book_change (edition_id)
            select edition.id
            from work_author join edition on edition.work_id = work_author.work_id
            where work_author.author_id = ?
            "#,
            id,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(id)
}

async fn write_subject(tx: &mut Transaction, slug: &str, name: &str) -> Result<u64, ImportError> {
    let stored =
        sqlx::query!("select id, name from subject where slug = ? for update", slug).fetch_optional(&mut **tx).await?;
    let Some(stored) = stored else {
        let inserted =
            sqlx::query!("insert into subject (slug, name) values (?, ?)", slug, name).execute(&mut **tx).await?;
        return Ok(inserted.last_insert_id());
    };
    if stored.name != name {
        sqlx::query!("update subject set name = ? where id = ?", name, stored.id).execute(&mut **tx).await?;
    }
    Ok(stored.id)
}
