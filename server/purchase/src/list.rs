//! Rows as one parameter: a batch of any size is one statement per table, prepared once.
//!
//! Such a statement reads `json_table(?, '$[*]' columns (…)) as list straight_join <table> force index (primary)`: the
//! list leads, in its own order, so rows are locked in the order in which the list is sorted. A locking read takes the
//! list through a derived table with a LIMIT, since MySQL refuses FOR UPDATE on a `json_table` itself.

use serde::Serialize;
use time::PrimitiveDateTime;
use time::macros::format_description;
use uuid::Uuid;

use crate::Error;

/// The rows as JSON.
pub(crate) fn of(rows: &(impl Serialize + ?Sized)) -> Result<String, Error> {
    serde_json::to_string(rows).map_err(|_| Error::Defect("rows that cannot be written as JSON"))
}

/// Ids as the lists spell them: 32 hexadecimal digits.
pub(crate) fn of_ids<'a>(ids: impl IntoIterator<Item = &'a Uuid>) -> Result<String, Error> {
    of(&ids.into_iter().map(|id| Hex(id.as_bytes())).collect::<Vec<_>>())
}

/// A moment as the database reads it.
pub(crate) fn moment(moment: PrimitiveDateTime) -> Result<String, Error> {
    moment
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]"))
        .map_err(|_| Error::Defect("a moment that cannot be written"))
}

/// Bytes, spelt for `unhex`.
pub(crate) struct Hex<'a>(pub &'a [u8]);

impl Serialize for Hex<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_spelt_as_the_database_reads_them() {
        assert_eq!(of_ids(&[Uuid::from_u128(7)]).unwrap(), r#"["00000000000000000000000000000007"]"#);
    }
}
