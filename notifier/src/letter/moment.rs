//! Moments as letters show them.

use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// The moment that is so many seconds after 1970 began, UTC; `None` for one that no calendar has.
pub fn of(unix_seconds: i64) -> Option<PrimitiveDateTime> {
    let moment = OffsetDateTime::from_unix_timestamp(unix_seconds).ok()?;
    Some(PrimitiveDateTime::new(moment.date(), moment.time()))
}

/// Such as `25 November 2026, 14:05 UTC`.
pub fn show(moment: PrimitiveDateTime) -> String {
    let words = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    moment.format(words).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_words_and_what_is_none_is_refused() {
        assert_eq!(of(0).map(show).as_deref(), Some("1 January 1970, 00:00 UTC"));
        assert_eq!(of(1_795_615_500).map(show).as_deref(), Some("25 November 2026, 14:05 UTC"));
        assert_eq!(of(i64::MAX), None);
    }
}
