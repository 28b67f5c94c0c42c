//! Writing a checked catalogue file: a transaction for authors and subjects, then one for each work.

use database::{Database, is_duplicate};

use super::file::File;
use super::names::write_names;
use super::work::{conflict, write_work};
use super::{ImportError, Imported, ImportedOffer};

pub(super) async fn store(database: &Database, file: &File) -> Result<Imported, ImportError> {
    let names = once_more_if_duplicate(|| {
        database.retry(|| async {
            let mut tx = database.begin().await?;
            let names = write_names(&mut tx, file).await;
            tx.end(names).await
        })
    })
    .await?;
    let mut imported = Imported { works: file.works.len(), ..Imported::default() };
    for work in &file.works {
        let written = once_more_if_duplicate(|| {
            database.retry(|| async {
                let mut tx = database.begin().await?;
                let written = write_work(&mut tx, work, &names).await;
                tx.end(written).await
            })
        })
        .await
        .map_err(|error| match error {
            ImportError::Database(database::Error::Sqlx(error)) if is_duplicate(&error) => {
                conflict(work, "isbn", "is the ISBN of an edition with another key")
            }
            other => other,
        })?;
        imported.changed += usize::from(written.changed);
        imported.editions += work.editions.len();
        imported.offers.extend(work.editions.iter().zip(written.editions).map(|(edition, edition_id)| ImportedOffer {
            edition_id,
            key: edition.key.get_ref().clone(),
            price: edition.price,
            currency: file.currency.get_ref().clone(),
            copies: edition.copies,
            weight_g: edition.weight_g(),
        }));
    }
    Ok(imported)
}

/// Two servers may import the same file at once: who comes second then finds the rows that were in its way.
async fn once_more_if_duplicate<T, Once>(write: impl Fn() -> Once) -> Result<T, ImportError>
where
    Once: Future<Output = Result<T, ImportError>>,
{
    match write().await {
        Err(ImportError::Database(database::Error::Sqlx(error))) if is_duplicate(&error) => write().await,
        result => result,
    }
}
