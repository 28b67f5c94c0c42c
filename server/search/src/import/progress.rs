//! How far an import has come, so that one that was cut off goes on instead of beginning anew.

use super::{ImportError, Importer};

impl Importer {
    /// How many records of the file with this hash were taken in or refused by an import that has not ended; 0 where there
    /// is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn taken_before(&self, file_hash: [u8; 32]) -> Result<u64, ImportError> {
        let records = sqlx::query_scalar!(
            "select records from import_progress where source = ? and file_hash = ?",
            self.source,
            file_hash.as_slice()
        )
        .fetch_optional(self.database.pool())
        .await?;
        Ok(records.unwrap_or(0))
    }

    /// So many records of the file are taken in and sold, or refused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_taken(&self, file_hash: [u8; 32], records: u64) -> Result<(), ImportError> {
        sqlx::query!(
            r#"
            insert into import_progress (source, file_hash, records) values (?, ?, ?)
            on duplicate key update file_hash = values(file_hash), records = values(records)
            "#,
            self.source,
            file_hash.as_slice(),
            records
        )
        .execute(self.database.pool())
        .await?;
        Ok(())
    }

    /// The import has ended: the same file begins anew.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self) -> Result<(), ImportError> {
        sqlx::query!("delete from import_progress where source = ?", self.source).execute(self.database.pool()).await?;
        Ok(())
    }
}
