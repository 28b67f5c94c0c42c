//! What every reader gives: entries, what it had to refuse, and the fault after which nothing more can be read.

use std::io;

use crate::record::Record;

/// One step of a reader. The inner error costs one entry and nothing else; after the outer one there are no more.
pub type Step = Result<Result<Entry, Refused>, Unreadable>;

/// A record, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line in which it begins, from 1.
    pub line: u64,
    /// What the file says.
    pub record: Record,
    /// What of it could not be used and was left out, a sentence each.
    pub remarks: Vec<String>,
}

/// A row or product that was left out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Refused {
    /// The line in which it begins, from 1.
    pub line: u64,
    /// Its key, where it could be made out.
    pub key: Option<String>,
    /// Why, in a sentence.
    pub reason: String,
}

/// Why the rest of a file, or all of it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not what it should be.
    #[error("line {line}: {reason}")]
    Faulty {
        /// The line of the fault, from 1.
        line: u64,
        /// What is wrong, in a sentence.
        reason: String,
    },
    /// It cannot be got at.
    #[error("line {line}: the file cannot be read: {source}")]
    Io {
        /// How far it was read.
        line: u64,
        /// What the system says.
        source: io::Error,
    },
}

impl Unreadable {
    /// The line at which reading ended, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        match self {
            Self::Faulty { line, .. } | Self::Io { line, .. } => *line,
        }
    }
}

/// A value as a message quotes it: in one line, and at most 80 characters of it.
pub(crate) fn quoted(value: &str) -> String {
    let mut shown: String = value.chars().take(80).map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    if value.chars().nth(80).is_some() {
        shown.pop();
        shown.push('…');
    }
    format!("“{shown}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_value_is_one_short_line() {
        assert_eq!(quoted("a\nb"), "“a b”");
        assert_eq!(quoted(&"é".repeat(80)).chars().count(), 82);
        assert!(quoted(&"é".repeat(81)).ends_with("é…”"));
    }
}
