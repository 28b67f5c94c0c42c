//! Bringing a database to the schema that this build expects, and telling whether it is there.

use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::mysql::MySqlConnection;

use crate::{Database, Error};

/// Applies the migrations that are missing. The user in `url` needs DDL rights; no other user has them.
///
/// # Errors
/// When the database does not answer, or a migration fails or differs from the one that was applied.
pub async fn migrate(url: &str, migrator: &Migrator) -> Result<(), sqlx::Error> {
    let mut connection = MySqlConnection::connect(url).await?;
    migrator.run(&mut connection).await?;
    connection.close().await
}

/// Whether the newest migration of this build has been applied.
///
/// # Errors
/// When the database does not answer or was never migrated.
pub async fn is_current(database: &Database, migrator: &Migrator) -> Result<bool, Error> {
    let newest = migrator.iter().map(|migration| migration.version).max();
    let applied: Option<i64> = sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
        .fetch_one(database.pool())
        .await?;
    Ok(applied >= newest)
}
