//! The bytes of an ONIX file: decoded, counted, and no more at once than is allowed.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::Encoding;

use crate::encoding::{Decoded, LineCount};

/// No product may be longer, in bytes.
pub(super) const LONGEST: usize = 8 * 1024 * 1024;

pub(super) struct Source<R> {
    inner: BufReader<Decoded<R>>,
    count: LineCount,
    allowed: usize,
}

impl<R: Read> Source<R> {
    pub(super) fn new(file: R) -> io::Result<Self> {
        let inner = BufReader::new(Decoded::new(file, declared)?);
        Ok(Self { inner, count: LineCount::new(), allowed: LONGEST })
    }

    pub(super) fn line(&self) -> u64 {
        self.count.line()
    }

    pub(super) fn encoding(&self) -> &'static str {
        self.inner.get_ref().encoding().name()
    }

    /// From here on so much may be read again.
    pub(super) fn allow(&mut self) {
        self.allowed = LONGEST;
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.allowed == 0
    }

    /// Goes on behind an element's end, keeping nothing of what stands before. False if the file ends first.
    pub(super) fn skip_past(&mut self, name: &str) -> io::Result<bool> {
        let tag = format!("</{name}").into_bytes();
        let mut matched = 0;
        loop {
            self.allow();
            let piece = self.fill_buf()?;
            if piece.is_empty() {
                return Ok(false);
            }
            let mut end = None;
            for (at, &byte) in piece.iter().enumerate() {
                if tag.get(matched) == Some(&byte) {
                    matched += 1;
                } else if matched == tag.len() && byte == b'>' {
                    end = Some(at + 1);
                    break;
                } else if !(matched == tag.len() && byte.is_ascii_whitespace()) {
                    // The tag's first byte is nowhere else in it.
                    matched = usize::from(byte == b'<');
                }
            }
            let length = end.unwrap_or(piece.len());
            self.consume(length);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.allowed == 0 {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let bytes = self.inner.fill_buf()?;
        Ok(&bytes[..bytes.len().min(self.allowed)])
    }

    fn consume(&mut self, length: usize) {
        self.count.pass(&self.inner.buffer()[..length]);
        self.inner.consume(length);
        self.allowed -= length;
    }
}

/// The encoding of an XML declaration. One that says UTF-16 in plain bytes cannot be right.
fn declared(first: &[u8]) -> Option<&'static Encoding> {
    let declaration = first.trim_ascii_start().strip_prefix(b"<?xml")?;
    let declaration = &declaration[..declaration.iter().position(|&byte| byte == b'>')?];
    let text = String::from_utf8_lossy(declaration);
    let (_, value) = text.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    Encoding::for_label(label.as_bytes()).map(Encoding::output_encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_tells_the_encoding() {
        for (first, expected) in [
            ("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a/>", Some("windows-1252")),
            ("\n<?xml version='1.0' encoding = 'UTF-8' ?>", Some("UTF-8")),
            ("<?xml version=\"1.0\" encoding=\"UTF-16\"?>", Some("UTF-8")),
            ("<?xml version=\"1.0\"?><a encoding=\"iso-8859-1\"/>", None),
            ("<?xml encoding=\"klingon\"?>", None),
            ("<?xml encoding=", None),
            ("<a/>", None),
        ] {
            assert_eq!(declared(first.as_bytes()).map(Encoding::name), expected, "{first}");
        }
    }

    #[test]
    fn an_end_tag_is_found_across_pieces() {
        let text = format!("{}</Products></</Product \n>rest", "<Product>x\n".repeat(5000));
        let mut source = Source::new(text.as_bytes()).expect("memory");
        assert!(source.skip_past("Product").expect("memory"));
        assert_eq!(source.line(), 5002);
        let mut rest = String::new();
        source.read_to_string(&mut rest).expect("memory");
        assert_eq!(rest, "rest");
        assert!(!source.skip_past("Product").expect("memory"));
    }
}
