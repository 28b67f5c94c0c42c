//! The part of an address that names a book, an author or a subject.

use std::collections::HashSet;

use deunicode::deunicode;
use sha2::{Digest, Sha256};

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

/// The first of the `choices` that is not taken, else one with a mark made from `key`, which hardly any other has; it is
/// taken from now on.
pub(crate) fn free(choices: &[&str], key: &str, taken: &mut HashSet<String>) -> String {
    let marked = || format!("{}-{}", choices.first().unwrap_or(&"untitled"), hex::encode(&Sha256::digest(key)[..5]));
    let chosen =
        choices.iter().find(|choice| !taken.contains(**choice)).map_or_else(marked, |choice| (*choice).to_owned());
    taken.insert(chosen.clone());
    chosen
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

    #[test]
    fn a_slug_that_is_taken_is_not_given_twice() {
        let mut taken = HashSet::from(["poems".to_owned()]);
        assert_eq!(free(&["poems", "poems-keats"], "a", &mut taken), "poems-keats");
        let (second, third) =
            (free(&["poems", "poems-keats"], "b", &mut taken), free(&["poems", "poems-keats"], "c", &mut taken));
        assert!(second.starts_with("poems-") && third.starts_with("poems-") && second != third);
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
