//! The part of an address that names a book, an author or a subject.

use deunicode::deunicode;

const LONGEST: usize = 80;

/// ASCII letters and digits of `text`, other scripts transliterated, joined by hyphens; at most 80 of them,
/// and never empty.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in deunicode(text).chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !(matches!(character, '\'' | '`') || slug.is_empty() || slug.ends_with('-')) {
            slug.push('-');
        }
    }
    if slug.len() > LONGEST {
        slug.truncate(LONGEST);
        if let Some(end) = slug.rfind('-') {
            slug.truncate(end);
        }
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "untitled".to_owned() } else { slug.to_owned() }
}

/// The `nth` choice for a slug whose first choices are taken.
pub(crate) fn numbered(slug: &str, nth: u32) -> String {
    if nth < 2 { slug.to_owned() } else { format!("{slug}-{nth}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slugs_are_readable_ascii() {
        for (text, expected) in [
            ("Pride and Prejudice", "pride-and-prejudice"),
            ("J. R. R. Tolkien", "j-r-r-tolkien"),
            ("Flann O’Brien", "flann-obrien"),
            ("Cien años de soledad", "cien-anos-de-soledad"),
            ("Война и мир", "voina-i-mir"),
            ("  ¿Qué?  ", "que"),
            ("…", "untitled"),
        ] {
            assert_eq!(slug(text), expected);
        }
    }

    proptest! {
        #[test]
        fn every_text_has_a_slug(text in ".*") {
            let slug = slug(&text);
            prop_assert!(!slug.is_empty() && slug.len() <= LONGEST);
            prop_assert!(slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        }
    }
}
