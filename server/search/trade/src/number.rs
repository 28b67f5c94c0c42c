//! Whole numbers as spreadsheets leave them.

/// "352", "352.0".
pub(crate) fn count(text: &str) -> Option<u32> {
    let (whole, zeros) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let digits = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    (digits && zeros.bytes().all(|byte| byte == b'0')).then(|| whole.parse().ok())?
}

/// "352", "352.0", "352 pages", "352 p."; none where there is no page.
pub(crate) fn pages(text: &str) -> Option<u32> {
    let text = text.trim();
    let number = text.find(|sign: char| sign.is_whitespace() || sign.is_alphabetic()).map_or(text, |end| &text[..end]);
    count(number).filter(|&pages| pages > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_and_others_are_not() {
        for (text, expected) in [
            ("352", Some(352)),
            (" 352.0 ", Some(352)),
            ("0", Some(0)),
            ("-1", None),
            ("3.5", None),
            ("+3", None),
            ("1,234", None),
            ("4294967296", None),
            ("", None),
        ] {
            assert_eq!(count(text), expected, "{text}");
        }
        assert_eq!(pages("352 p."), Some(352));
        assert_eq!(pages("352p"), Some(352));
        assert_eq!(pages("0"), None);
        assert_eq!(pages("xvi, 352 p."), None);
    }
}
