//! A file cut into rows, of which never more than one is in memory.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::encoding::{Decoded, LineCount};
use crate::entry::Refused;

/// No row may be longer, in bytes.
const LONGEST: usize = 1024 * 1024;
/// No row may have more columns.
const MOST_COLUMNS: usize = 4096;
const PIECE: usize = 64 * 1024;

pub(super) struct Rows<R> {
    source: Decoded<R>,
    parser: Reader,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    count: LineCount,
    /// How many columns the first row has.
    width: Option<usize>,
    /// How far rows that turn out to be none may still be followed: else a file of stray quotation marks would be read
    /// once for each of its lines.
    patience: usize,
    fields: Vec<u8>,
    ends: Vec<usize>,
}

pub(super) struct Row<'a> {
    pub(super) line: u64,
    text: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Row<'a> {
    pub(super) fn width(&self) -> usize {
        self.ends.len()
    }

    /// The field at a place, from 0; empty beyond the last.
    pub(super) fn field(&self, at: usize) -> &'a str {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let bytes = self.ends.get(at).map_or(&[][..], |&end| &self.text[start..end]);
        // The file is decoded, and separators are ASCII: a field is always text.
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// What a look at the buffer showed.
enum Look {
    Row { length: usize, columns: usize },
    Unfinished,
    TooManyColumns,
}

impl<R: Read> Rows<R> {
    pub(super) fn new(source: Decoded<R>, separator: u8, quoting: bool) -> Self {
        Self {
            source,
            parser: ReaderBuilder::new().delimiter(separator).quoting(quoting).build(),
            buffer: Vec::new(),
            start: 0,
            ended: false,
            count: LineCount::new(),
            width: None,
            patience: LONGEST,
            fields: Vec::new(),
            ends: vec![0; MOST_COLUMNS],
        }
    }

    pub(super) fn line(&self) -> u64 {
        self.count.line()
    }

    pub(super) fn encoding(&self) -> &'static str {
        self.source.encoding().name()
    }

    /// The next row. One with a quotation mark that is never closed, or with the wrong number of columns, costs its
    /// first line only: the next row is looked for in the line after it.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<Row<'_>, Refused>>> {
        self.skip_line_ends()?;
        if self.buffer.len() == self.start {
            return Ok(None);
        }
        let line = self.count.line();
        let mut most = self.patience.max(1);
        loop {
            let seen = most.min(self.buffer.len() - self.start);
            let look = self.look(seen);
            let text = &self.buffer[self.start..self.start + seen];
            let reason = match look {
                Look::Row { length, columns } => {
                    let width = *self.width.get_or_insert(columns);
                    let extra = self.ends.get(width..columns).unwrap_or_default();
                    if columns == width || (columns > width && extra.iter().all(|&end| end == self.ends[width - 1])) {
                        self.pass(length);
                        return Ok(Some(Ok(Row { line, text: &self.fields, ends: &self.ends[..width] })));
                    }
                    let plural = if columns == 1 { "" } else { "s" };
                    format!("the row has {columns} column{plural} instead of {width}")
                }
                Look::Unfinished if !self.ended && seen < most => {
                    self.fill((2 * seen).min(most))?;
                    continue;
                }
                Look::Unfinished if end_of_line(text).is_some() => {
                    "a quotation mark opens in the row and is not closed".to_owned()
                }
                Look::Unfinished if most < LONGEST => {
                    most = (2 * most).min(LONGEST);
                    continue;
                }
                Look::Unfinished => "the row is longer than 1 MiB".to_owned(),
                Look::TooManyColumns => "the row has more than 4096 columns".to_owned(),
            };
            let followed = if let Look::Row { length, .. } = look { length } else { seen };
            self.patience = self.patience.saturating_sub(followed);
            self.skip_line()?;
            return Ok(Some(Err(Refused { line, key: None, reason })));
        }
    }

    /// Takes the first row of the buffer apart.
    fn look(&mut self, seen: usize) -> Look {
        let bytes = &self.buffer[self.start..self.start + seen];
        self.parser.reset();
        if self.fields.len() <= seen {
            self.fields.resize(seen + 1, 0);
        }
        let (result, length, _, columns) = self.parser.read_record(bytes, &mut self.fields, &mut self.ends);
        match result {
            ReadRecordResult::Record => Look::Row { length, columns },
            ReadRecordResult::OutputEndsFull => Look::TooManyColumns,
            ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull | ReadRecordResult::End => Look::Unfinished,
        }
    }

    /// Sees to it that so many bytes are at hand, if the file has them. The last row is given an end if it has none.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        let at_hand = self.buffer.len() - self.start;
        if at_hand >= wanted || self.ended {
            return Ok(());
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let missing = (wanted - at_hand).max(PIECE);
        let read = self.source.by_ref().take(missing as u64).read_to_end(&mut self.buffer)?;
        if read < missing {
            self.ended = true;
            if !self.buffer.ends_with(b"\n") && !self.buffer.is_empty() {
                self.buffer.push(b'\n');
            }
        }
        Ok(())
    }

    fn pass(&mut self, length: usize) {
        self.count.pass(&self.buffer[self.start..self.start + length]);
        self.start += length;
        self.patience = LONGEST.min(self.patience + 16 * length);
    }

    fn skip_line_ends(&mut self) -> io::Result<()> {
        loop {
            self.fill(1)?;
            let rest = &self.buffer[self.start..];
            let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if ends == 0 {
                return Ok(());
            }
            self.pass(ends);
        }
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let rest = &self.buffer[self.start..];
            let (end, found) = end_of_line(rest).map_or((rest.len(), false), |end| (end, true));
            self.pass(end);
            self.fill(1)?;
            if found || self.buffer.len() == self.start {
                return Ok(());
            }
        }
    }
}

/// Where the line after the first begins.
fn end_of_line(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows as "line: field|field", refusals as "line! reason".
    fn rows(file: &[u8]) -> Vec<String> {
        let source = Decoded::new(file, |_| None).expect("memory");
        let mut rows = Rows::new(source, b',', true);
        let mut seen = Vec::new();
        while let Some(row) = rows.next().expect("memory") {
            seen.push(match row {
                Ok(row) => {
                    let fields: Vec<&str> = (0..row.width()).map(|at| row.field(at)).collect();
                    format!("{}: {}", row.line, fields.join("|"))
                }
                Err(refused) => format!("{}! {}", refused.line, refused.reason),
            });
        }
        seen
    }

    #[test]
    fn rows_end_with_any_line_end_and_blank_lines_are_none() {
        assert_eq!(
            rows(b"a,b\r\n\r\n1,\"x\ny\"\r2,z\n\n3,\n4,w"),
            ["1: a|b", "3: 1|x\ny", "5: 2|z", "7: 3|", "8: 4|w"]
        );
        assert_eq!(rows(b""), [""; 0]);
        assert_eq!(rows(b"\n\r\n"), [""; 0]);
    }

    #[test]
    fn a_row_of_another_width_is_refused_alone() {
        assert_eq!(
            rows(b"a,b\n1\n2,x,\n3,x,y\n4,z\n"),
            [
                "1: a|b",
                "2! the row has 1 column instead of 2",
                "3: 2|x",
                "4! the row has 3 columns instead of 2",
                "5: 4|z",
            ]
        );
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_costs_one_line() {
        let open = "a quotation mark opens in the row and is not closed";
        assert_eq!(rows(b"a,b\n1,\"x\n2,y\n3,z\n"), ["1: a|b", &format!("2! {open}"), "3: 2|y", "4: 3|z"]);
        let wrong = "the row has 3 columns instead of 2";
        assert_eq!(
            rows(b"a,b\n1,\"x\n2,y\n3,\",z\"\n4,w\n"),
            ["1: a|b", &format!("2! {wrong}"), "3: 2|y", "4: 3|,z", "5: 4|w"]
        );
    }

    #[test]
    fn a_row_that_is_too_long_is_passed_over() {
        for (long, reason) in [
            ("x".repeat(3 * LONGEST), "the row is longer than 1 MiB"),
            (",".repeat(5000), "the row has more than 4096 columns"),
            (
                format!("\"{}", "a long line\n".repeat(LONGEST / 8)),
                "a quotation mark opens in the row and is not closed",
            ),
        ] {
            let seen = rows(format!("a,b\n{long}\nlast,row").as_bytes());
            assert_eq!(seen[1], format!("2! {reason}"));
            assert!(seen.last().is_some_and(|row| row.ends_with(": last|row")));
        }
        let longest = format!("a,b\n1,\"{}\"\n2,x", "line\n".repeat(LONGEST / 5 - 10));
        assert_eq!(rows(longest.as_bytes()).len(), 3);
    }

    #[test]
    fn quotation_marks_all_over_do_not_make_reading_slow() {
        let file = "x\"y\",\"\n".repeat(100_000);
        assert!(rows(file.as_bytes()).len() > 50_000);
    }

    proptest! {
        #[test]
        fn any_file_is_read_to_its_end(file in "(a|b|,|\"|\r|\n|é)*", tail in "[a-z]{1,3},[a-z]{1,3}") {
            rows(file.as_bytes());
            // Without quotation marks nothing that stands before hides the last row.
            let file = format!("h,h\n{}\n{tail}", file.replace('"', ""));
            let expected = format!(": {}", tail.replace(',', "|"));
            prop_assert!(rows(file.as_bytes()).last().is_some_and(|row| row.ends_with(&expected)));
        }
    }
}
