//! What the database holds, in a number for each table.

use std::collections::BTreeMap;

use database::Database;
use sqlx::AssertSqlSafe;

/// What changes by itself while nobody does anything: when to look again, and how often somebody has looked.
const RESTLESS: [(&str, &str); 7] = [
    ("outbox", "attempts"),
    ("outbox", "leased_by"),
    ("outbox", "next_at"),
    ("outbox", "published_at"),
    ("payment_attempt", "leased_by"),
    ("payment_attempt", "settle_at"),
    ("payment_attempt", "tries"),
];

/// The database at a moment.
#[derive(Debug, PartialEq)]
pub struct Snapshot(BTreeMap<String, (i64, i64)>);

impl Snapshot {
    pub async fn take(database: &Database) -> Self {
        let columns: Vec<(String, String)> = sqlx::query_as(
            r#"
            select cast(table_name as char), cast(column_name as char) from information_schema.columns
            where table_schema = database() order by table_name, ordinal_position
            "#,
        )
        .fetch_all(database.pool())
        .await
        .unwrap();
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (table, column) in columns {
            if !RESTLESS.contains(&(table.as_str(), column.as_str())) {
                tables.entry(table).or_default().push(format!("coalesce(hex(`{column}`), '-')"));
            }
        }
        let sums = tables.into_iter().map(|(table, columns)| {
            let row = columns.join(", ");
            format!(
                "select '{table}', count(*), cast(coalesce(sum(crc32(concat_ws(',', {row}))), 0) as signed) from `{table}`"
            )
        });
        let sql = sums.collect::<Vec<_>>().join(" union all ");
        let sums: Vec<(String, i64, i64)> =
            sqlx::query_as(AssertSqlSafe(sql)).fetch_all(database.pool()).await.unwrap();
        Self(sums.into_iter().map(|(table, rows, sum)| (table, (rows, sum))).collect())
    }

    /// The same, but for sessions: a form that is refused waits in its own for the page that shows it again.
    pub fn but_sessions(self) -> Self {
        self.but(&["session"])
    }

    pub fn but(mut self, tables: &[&str]) -> Self {
        self.0.retain(|table, _| !tables.contains(&table.as_str()));
        self
    }
}
