//! ISBNs: read in either length, with or without hyphens, and kept as thirteen digits.

use std::fmt;

/// A valid ISBN-13. An ISBN-10 becomes the ISBN-13 of the same edition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isbn(String);

/// What a text is, seen as an ISBN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// An ISBN with the right check digit.
    Valid(Isbn),
    /// As long as an ISBN and made of nothing else, but its check digit is wrong.
    Wrong,
    /// Something else.
    Other,
}

impl Isbn {
    /// Reads an ISBN-10 or ISBN-13; spaces, hyphens and a leading "ISBN" do not matter.
    #[must_use]
    pub fn read(text: &str) -> Reading {
        let text = text.trim();
        let text = match text.get(..4) {
            Some(label) if label.eq_ignore_ascii_case("isbn") => without_length(&text[4..]),
            _ => text,
        };
        let digits: String = text
            .chars()
            .filter(|character| !matches!(character, ' ' | ':' | '-' | '\u{2010}'..='\u{2015}' | '\u{a0}'))
            .map(|character| character.to_ascii_uppercase())
            .collect();
        let shaped = digits
            .bytes()
            .enumerate()
            .all(|(at, byte)| byte.is_ascii_digit() || (byte == b'X' && at == 9 && digits.len() == 10));
        let values = digits.bytes().map(|byte| if byte == b'X' { 10 } else { u32::from(byte.wrapping_sub(b'0')) });
        match digits.len() {
            10 if shaped => {
                let sum: u32 = values.zip((1..=10).rev()).map(|(value, weight)| value * weight).sum();
                if sum.is_multiple_of(11) { Reading::Valid(Self::from_nine(&digits[..9])) } else { Reading::Wrong }
            }
            13 if shaped => {
                let known = digits.starts_with("978") || digits.starts_with("979");
                if known && weighted(&digits).is_multiple_of(10) {
                    Reading::Valid(Self(digits))
                } else {
                    Reading::Wrong
                }
            }
            _ => Reading::Other,
        }
    }

    /// The thirteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn from_nine(digits: &str) -> Self {
        let body = format!("978{digits}");
        let check = (10 - weighted(&body) % 10) % 10;
        Self(format!("{body}{check}"))
    }
}

impl fmt::Display for Isbn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The sum of the digits, every second one three times.
fn weighted(digits: &str) -> u32 {
    digits.bytes().zip([1, 3].into_iter().cycle()).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum()
}

/// What follows "ISBN-13:" or "ISBN10", where the label names a length.
fn without_length(text: &str) -> &str {
    let text = text.trim_start_matches(['-', ' ']);
    ["13:", "10:", "13 ", "10 "].iter().find_map(|length| text.strip_prefix(length)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn valid(text: &str) -> Option<String> {
        match Isbn::read(text) {
            Reading::Valid(isbn) => Some(isbn.to_string()),
            Reading::Wrong | Reading::Other => None,
        }
    }

    #[test]
    fn both_lengths_are_read_however_they_are_written() {
        for text in [
            "9780141439518",
            "978-0-14-143951-8",
            "978 0 14 143951 8",
            "ISBN 978-0-14-143951-8",
            "isbn-13: 9780141439518",
            "0141439513",
            "0-14-143951-3",
            "ISBN-10 0-14-143951-3",
            "978\u{2011}0\u{2013}14 143951 8",
        ] {
            assert_eq!(valid(text).as_deref(), Some("9780141439518"), "{text}");
        }
    }

    #[test]
    fn the_check_digit_ten_is_an_x() {
        assert_eq!(valid("043942089x").as_deref(), Some("9780439420891"));
        assert_eq!(valid("04394X0892"), None);
    }

    #[test]
    fn a_wrong_check_digit_is_told_from_another_text() {
        assert_eq!(Isbn::read("9780141439519"), Reading::Wrong);
        assert_eq!(Isbn::read("0141439514"), Reading::Wrong);
        assert_eq!(Isbn::read("1230141439518"), Reading::Wrong);
        for text in ["", "isbn", "1984", "war and peace", "978014143951", "٩٧٨٠١٤١٤٣٩٥١٨", "ISB\u{e9}"] {
            assert_eq!(Isbn::read(text), Reading::Other, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_asked_about(text in ".*") {
            let _ = Isbn::read(&text);
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(body in "97[89][0-9]{9}", at in 0_usize..12, add in 1_u8..10) {
            let check = (10 - weighted(&body) % 10) % 10;
            let right = format!("{body}{check}");
            prop_assert_eq!(valid(&right), Some(right.clone()));
            let mut wrong = right.into_bytes();
            wrong[at] = b'0' + (wrong[at] - b'0' + add) % 10;
            let wrong = String::from_utf8(wrong).expect("digits");
            prop_assert_eq!(Isbn::read(&wrong), Reading::Wrong);
        }
    }
}
