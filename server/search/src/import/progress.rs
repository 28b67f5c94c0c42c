//! How far an import has come, so that one that was cut off goes on instead of beginning anew.

use super::{ImportError, Importer};

impl Importer {
    /// Up to which line the file with this SHA-256 was taken in by an import that has not ended; 0 where there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn taken_up_to(&self, file_hash: [u8; 32]) -> Result<u64, ImportError> {
        let line = sqlx::query_scalar!(
            "select line from import_progress where source = ? and file_hash = ?",
            self.source,
            file_hash.as_slice()
        )
        .fetch_optional(self.database.pool())
        .await?;
        Ok(line.unwrap_or(0))
    }

    /// All of the file up to this line is taken in, and sold.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_taken(&self, file_hash: [u8; 32], line: u64) -> Result<(), ImportError> {
        sqlx::query!(
            r#"
            insert into import_progress (source, file_hash, line) values (?, ?, ?)
            on duplicate key update file_hash = values(file_hash), line = values(line)
            "#,
            self.source,
            file_hash.as_slice(),
            line
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
