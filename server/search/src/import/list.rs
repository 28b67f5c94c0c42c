//! Rows as one parameter: a batch is one statement for each table, constant text whatever its size.

use serde::Serialize;

use super::ImportError;

/// The rows as JSON, for `json_table`.
pub(super) fn of(rows: &(impl Serialize + ?Sized)) -> Result<String, ImportError> {
    Ok(serde_json::to_string(rows)?)
}
