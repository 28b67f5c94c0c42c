//! Writing a work, its links and its editions; what the database has already is left alone.

use std::collections::HashMap;

use database::Transaction;

use super::file::{self, Work};
use super::names::Names;
use super::{Fault, ImportError};
use crate::Format;
use crate::slug::{numbered, slug};

/// A work as it was written: its editions' ids in the file's order.
pub(super) struct Written {
    pub(super) editions: Vec<u64>,
    pub(super) changed: bool,
}

pub(super) fn conflict(work: &Work, field: &'static str, problem: &str) -> ImportError {
    ImportError::Conflict(Fault { line: work.line, field, problem: problem.to_owned() })
}

pub(super) async fn write_work(tx: &mut Transaction, work: &Work, names: &Names) -> Result<Written, ImportError> {
    let stored = stored_work(tx, work).await?;
    let (work_id, mut changed) = match stored {
        Some(id) => (id, update_work(tx, id, work).await?),
        None => (insert_work(tx, work).await?, true),
    };
    changed |= write_links(tx, work_id, work, names).await?;
    let mut editions = Vec::with_capacity(work.editions.len());
    for edition in &work.editions {
        // A new work's editions must all be new: should another import have brought one meanwhile, its key is in
        // the way, and this work is undone.
        let stored_edition = if stored.is_some() { update_edition(tx, work, work_id, edition).await? } else { None };
        let (id, edition_changed) = match stored_edition {
            Some(updated) => updated,
            None => (insert_edition(tx, work_id, edition).await?, true),
        };
        changed |= edition_changed;
        editions.push(id);
    }
    if changed {
        sqlx::query!("insert into book_change (edition_id) select id from edition where work_id = ?", work_id)
            .execute(&mut **tx)
            .await?;
    }
    Ok(Written { editions, changed })
}

/// The work that has this one's editions already.
async fn stored_work(tx: &mut Transaction, work: &Work) -> Result<Option<u64>, ImportError> {
    let mut found = None;
    for edition in &work.editions {
        let id = sqlx::query_scalar!("select work_id from edition where external_key = ?", edition.key.get_ref())
            .fetch_optional(&mut **tx)
            .await?;
        if id.is_some() && found.is_some() && found != id {
            return Err(scattered(work));
        }
        found = found.or(id);
    }
    Ok(found)
}

async fn insert_work(tx: &mut Transaction, work: &Work) -> Result<u64, ImportError> {
    let first_choice = work.slug.clone().unwrap_or_else(|| slug(work.title.get_ref()));
    let mut nth = 1;
    let slug = loop {
        let choice = numbered(&first_choice, nth);
        let taken = sqlx::query_scalar!("select id from work where slug = ?", choice).fetch_optional(&mut **tx).await?;
        if taken.is_none() {
            break choice;
        }
        nth += 1;
    };
    let inserted = sqlx::query!(
        r#"
        insert into work (slug, title, original_title, language, first_published, description, popularity)
        values (?, ?, ?, ?, ?, ?, ?)
        "#,
        slug,
        work.title.get_ref(),
        work.original_title,
        work.language,
        work.first_published,
        work.description,
        work.popularity,
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.last_insert_id())
}

/// Makes the stored work say what the file says; its slug stays, for addresses are promises.
async fn update_work(tx: &mut Transaction, id: u64, work: &Work) -> Result<bool, ImportError> {
    let stored = sqlx::query!(
        r#"
        select title, original_title, language, first_published, description, popularity
        from work where id = ? for update
        "#,
        id,
    )
    .fetch_one(&mut **tx)
    .await?;
    let same = stored.title == *work.title.get_ref()
        && stored.original_title == work.original_title
        && stored.language == work.language
        && stored.first_published == work.first_published
        && stored.description == work.description
        && stored.popularity == work.popularity;
    if !same {
        sqlx::query!(
            r#"
            update work
            set title = ?, original_title = ?, language = ?, first_published = ?, description = ?, popularity = ?
            where id = ?
            "#,
            work.title.get_ref(),
            work.original_title,
            work.language,
            work.first_published,
            work.description,
            work.popularity,
            id,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(!same)
}

/// Links a work to its authors and subjects, in the file's order.
async fn write_links(tx: &mut Transaction, work_id: u64, work: &Work, names: &Names) -> Result<bool, ImportError> {
    let ids = |slugs: &[String], known: &HashMap<String, u64>| -> Vec<u64> {
        slugs.iter().filter_map(|name| known.get(&slug(name)).copied()).collect()
    };
    let authors = ids(&work.authors, &names.authors);
    let stored = sqlx::query_scalar!("select author_id from work_author where work_id = ? order by position", work_id)
        .fetch_all(&mut **tx)
        .await?;
    let authors_changed = stored != authors;
    if authors_changed {
        sqlx::query!("delete from work_author where work_id = ?", work_id).execute(&mut **tx).await?;
        for (author, position) in authors.iter().zip(1_u16..) {
            sqlx::query!(
                "insert into work_author (work_id, author_id, position) values (?, ?, ?)",
                work_id,
                author,
                position,
            )
            .execute(&mut **tx)
            .await?;
        }
    }
    let subjects = ids(&work.subjects, &names.subjects);
    let stored =
        sqlx::query_scalar!("select subject_id from work_subject where work_id = ? order by position", work_id)
            .fetch_all(&mut **tx)
            .await?;
    let subjects_changed = stored != subjects;
    if subjects_changed {
        sqlx::query!("delete from work_subject where work_id = ?", work_id).execute(&mut **tx).await?;
        for (subject, position) in subjects.iter().zip(1_u16..) {
            sqlx::query!(
                "insert into work_subject (work_id, subject_id, position) values (?, ?, ?)",
                work_id,
                subject,
                position,
            )
            .execute(&mut **tx)
            .await?;
        }
    }
    Ok(authors_changed || subjects_changed)
}

async fn insert_edition(tx: &mut Transaction, work_id: u64, edition: &file::Edition) -> Result<u64, ImportError> {
    let inserted = sqlx::query!(
        r#"
        insert into edition (work_id, external_key, isbn13, format, language, publisher, published)
        values (?, ?, ?, ?, ?, ?, ?)
        "#,
        work_id,
        edition.key.get_ref(),
        edition.isbn,
        edition.format,
        edition.language,
        edition.publisher,
        edition.published,
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.last_insert_id())
}

/// The id of the stored edition and whether it had to be changed; none when it is not stored.
async fn update_edition(
    tx: &mut Transaction,
    work: &Work,
    work_id: u64,
    edition: &file::Edition,
) -> Result<Option<(u64, bool)>, ImportError> {
    let stored = sqlx::query!(
        r#"
        select id, work_id, isbn13, format as "format: Format", language, publisher, published
        from edition where external_key = ? for update
        "#,
        edition.key.get_ref(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(stored) = stored else { return Ok(None) };
    if stored.work_id != work_id {
        return Err(scattered(work));
    }
    let same = stored.isbn13 == edition.isbn
        && stored.format == edition.format
        && stored.language == edition.language
        && stored.publisher == edition.publisher
        && stored.published == edition.published;
    if !same {
        sqlx::query!(
            "update edition set isbn13 = ?, format = ?, language = ?, publisher = ?, published = ? where id = ?",
            edition.isbn,
            edition.format,
            edition.language,
            edition.publisher,
            edition.published,
            stored.id,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(Some((stored.id, !same)))
}

fn scattered(work: &Work) -> ImportError {
    conflict(work, "key", "its editions belong to different works already")
}
