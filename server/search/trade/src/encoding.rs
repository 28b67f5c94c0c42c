//! Files as UTF-8, whatever they are written in, and where in them one is.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Stands where bytes could not be decoded. No text has it: Unicode leaves it out for ever.
pub(crate) const UNDECODABLE: char = '\u{ffff}';

/// How much of a file is looked at to find out its encoding.
const FIRST: u64 = 1024;
const PIECE: usize = 16 * 1024;

/// A file as UTF-8 without a byte-order mark.
pub(crate) struct Decoded<R> {
    source: Chain<Cursor<Vec<u8>>, R>,
    decoder: Decoder,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    /// A byte-order mark tells the encoding; without one `named` does, from the first bytes of the file. UTF-16 is
    /// known by its shape, and all else is UTF-8.
    pub(crate) fn new(mut source: R, named: impl Fn(&[u8]) -> Option<&'static Encoding>) -> io::Result<Self> {
        let mut first = Vec::new();
        source.by_ref().take(FIRST).read_to_end(&mut first)?;
        let (encoding, mark) = Encoding::for_bom(&first)
            .or_else(|| utf_16(&first).or_else(|| named(&first)).map(|encoding| (encoding, 0)))
            .unwrap_or((UTF_8, 0));
        first.drain(..mark);
        Ok(Self {
            source: Cursor::new(first).chain(source),
            decoder: encoding.new_decoder_without_bom_handling(),
            text: Vec::new(),
            given: 0,
            ended: false,
        })
    }

    pub(crate) fn encoding(&self) -> &'static Encoding {
        self.decoder.encoding()
    }

    fn refill(&mut self) -> io::Result<()> {
        let mut raw = [0; PIECE];
        let mut decoded = [0; PIECE];
        self.text.clear();
        self.given = 0;
        while self.text.is_empty() && !self.ended {
            let count = self.source.read(&mut raw)?;
            self.ended = count == 0;
            let mut rest = &raw[..count];
            loop {
                let (result, read, written) =
                    self.decoder.decode_to_utf8_without_replacement(rest, &mut decoded, self.ended);
                self.text.extend_from_slice(&decoded[..written]);
                rest = &rest[read..];
                match result {
                    DecoderResult::InputEmpty => break,
                    DecoderResult::OutputFull => {}
                    DecoderResult::Malformed(..) => {
                        self.text.extend_from_slice(UNDECODABLE.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.refill()?;
        }
        let count = (&self.text[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

/// UTF-16 without a mark: files of ours begin with two ASCII characters.
fn utf_16(first: &[u8]) -> Option<&'static Encoding> {
    match first {
        [one, 0, two, 0, ..] if *one != 0 && *two != 0 => Some(UTF_16LE),
        [0, one, 0, two, ..] if *one != 0 && *two != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// Counts lines, whichever way they end.
#[derive(Clone, Copy)]
pub(crate) struct LineCount {
    line: u64,
    after_return: bool,
}

impl LineCount {
    pub(crate) fn new() -> Self {
        Self { line: 1, after_return: false }
    }

    pub(crate) fn line(self) -> u64 {
        self.line
    }

    pub(crate) fn pass(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.line += u64::from(byte == b'\r' || (byte == b'\n' && !self.after_return));
            self.after_return = byte == b'\r';
        }
    }
}

/// A line, without its end.
pub(crate) enum Line<'a> {
    Text(&'a [u8]),
    TooLong,
}

/// A file line by line, of which no more than `longest` bytes are kept.
pub(crate) struct Lines<R> {
    source: BufReader<Decoded<R>>,
    longest: usize,
    buffer: Vec<u8>,
    line: u64,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(source: Decoded<R>, longest: usize) -> Self {
        Self { source: BufReader::new(source), longest, buffer: Vec::new(), line: 0 }
    }

    /// The number of the line that was given last.
    pub(crate) fn number(&self) -> u64 {
        self.line
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        self.line += 1;
        let most = u64::try_from(self.longest).unwrap_or(u64::MAX).saturating_add(1);
        let count = self.source.by_ref().take(most).read_until(b'\n', &mut self.buffer)?;
        if count > self.longest && !self.buffer.ends_with(b"\n") {
            self.buffer.clear();
            self.source.skip_until(b'\n')?;
            return Ok(Some(Line::TooLong));
        }
        let text = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        Ok((count > 0).then_some(Line::Text(text)))
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8], named: Option<&'static Encoding>) -> String {
        let mut text = String::new();
        Decoded::new(bytes, |_| named).expect("memory").read_to_string(&mut text).expect("UTF-8");
        text
    }

    fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn every_encoding_becomes_utf_8() {
        let little = utf_16("Čapek", u16::to_le_bytes);
        for (bytes, named, expected) in [
            ("Čapek".as_bytes(), None, "Čapek"),
            (b"\xef\xbb\xbfEmma", Some(WINDOWS_1252), "Emma"),
            (b"caf\xe9 \x80", Some(WINDOWS_1252), "café €"),
            (b"caf\xe9 5", None, "caf\u{ffff} 5"),
            (b"caf\xc3", None, "caf\u{ffff}"),
            (&[b"\xff\xfe", little.as_slice()].concat(), None, "Čapek"),
            (&utf_16("\u{feff}Čapek", u16::to_be_bytes), None, "Čapek"),
            (&utf_16("id,é", u16::to_le_bytes), None, "id,é"),
            (&utf_16("<?é", u16::to_be_bytes), None, "<?é"),
        ] {
            assert_eq!(decoded(bytes, named), expected);
        }
    }

    #[test]
    fn a_line_ends_in_three_ways() {
        let mut count = LineCount::new();
        count.pass(b"a\nb\r\nc\rd\r");
        count.pass(b"\n\n");
        assert_eq!(count.line(), 6);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let source = Decoded::new(b"four\r\nfive!\nfour\n\nend".as_slice(), |_| None).expect("memory");
        let mut lines = Lines::new(source, 5);
        let mut seen = Vec::new();
        while let Some(line) = lines.next().expect("memory") {
            seen.push(match line {
                Line::Text(text) => String::from_utf8_lossy(text).into_owned(),
                Line::TooLong => "…".to_owned(),
            });
        }
        assert_eq!(seen, ["four", "five!", "four", "", "end"]);
        let source = Decoded::new(b"123456\nend".as_slice(), |_| None).expect("memory");
        let mut lines = Lines::new(source, 5);
        assert!(matches!(lines.next(), Ok(Some(Line::TooLong))));
        assert!(matches!(lines.next(), Ok(Some(Line::Text(b"end")))));
        assert!(matches!(lines.next(), Ok(None)));
    }

    proptest! {
        #[test]
        fn any_bytes_become_text(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            decoded(&bytes, None);
            decoded(&bytes, Some(WINDOWS_1252));
            decoded(&bytes, Some(UTF_16LE));
        }
    }
}
