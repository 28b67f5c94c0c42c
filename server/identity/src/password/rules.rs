//! Which passwords are taken. Length, and not being one that everybody tries first; no rules of composition.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The least number of characters.
const MIN_CHARS: usize = 10;

/// The longest password in bytes; a longer one would only be a way to keep the server busy.
pub(crate) const MAX_BYTES: usize = 1024;

/// How many digits and signs around a common word still leave it a common password.
const MOST_TRIMMINGS: usize = 6;

/// The shortest word (shop's name, part of the address) that is looked for in a password.
const MIN_CONTEXT: usize = 4;

static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Fewer than 10 characters.
    TooShort,
    /// More than 1,024 bytes.
    TooLong,
    /// Among those that are tried first.
    TooCommon,
    /// Little more than the shop's name or the e-mail address.
    TooObvious,
}

/// Judges a new password; `context` are words that anybody would try for this account.
pub(crate) fn check(password: &str, context: &[&str]) -> Result<(), PasswordProblem> {
    if password.len() > MAX_BYTES {
        return Err(PasswordProblem::TooLong);
    }
    if password.chars().count() < MIN_CHARS {
        return Err(PasswordProblem::TooShort);
    }
    let folded = password.to_lowercase();
    if is_common(&folded) {
        return Err(PasswordProblem::TooCommon);
    }
    if is_obvious(&folded, context) {
        return Err(PasswordProblem::TooObvious);
    }
    Ok(())
}

/// A known one, a known word with a few digits or signs around it, or a few characters over and over.
fn is_common(folded: &str) -> bool {
    let word = folded.trim_matches(|c: char| !c.is_alphabetic());
    let trimmings = folded.chars().count() - word.chars().count();
    let chars: Vec<char> = folded.chars().collect();
    COMMON.contains(folded)
        || (trimmings <= MOST_TRIMMINGS && COMMON.contains(word))
        || (1..=MIN_CHARS / 2).any(|unit| chars.iter().zip(chars.iter().skip(unit)).all(|(a, b)| a == b))
}

/// Too short once the words of its context are taken away.
fn is_obvious(folded: &str, context: &[&str]) -> bool {
    let rest = context
        .iter()
        .map(|word| word.trim().to_lowercase())
        .filter(|word| word.chars().count() >= MIN_CONTEXT)
        .fold(folded.to_owned(), |rest, word| rest.replace(&word, ""));
    rest.len() < folded.len() && rest.chars().count() < MIN_CHARS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONTEXT: [&str; 3] = ["ada.byron@example.org", "ada.byron", "Octavo"];

    fn judge(password: &str) -> Result<(), PasswordProblem> {
        check(password, &CONTEXT)
    }

    #[test]
    fn security_1_nine_characters_are_too_few() {
        assert_eq!(judge("xk4 qpz w"), Err(PasswordProblem::TooShort));
        assert_eq!(judge("ñúéíóáçøå"), Err(PasswordProblem::TooShort));
        assert_eq!(judge("xk4 qpz wr"), Ok(()));
    }

    #[test]
    fn security_2_a_thousand_bytes_are_taken_and_more_are_refused() {
        let long: String = ('a'..='z').cycle().take(MAX_BYTES).collect();
        assert_eq!(judge(&long[..64]), Ok(()));
        assert_eq!(judge(&long), Ok(()));
        assert_eq!(judge(&format!("{long}a")), Err(PasswordProblem::TooLong));
    }

    #[test]
    fn security_3_no_kind_of_character_is_asked_for() {
        for password in [
            "aaaa bbbb cccc",
            "correct horse battery",
            "🐙📚🍋🚲🎈🧦🌵🥨🪁🔔",
            "          x",
            "73916482057",
            "длинный пароль",
        ] {
            assert_eq!(judge(password), Ok(()), "{password:?}");
        }
    }

    #[test]
    fn security_5_what_everybody_tries_first_is_refused() {
        for password in [
            "1234567890",
            "0123456789",
            "qwertyuiop",
            "1q2w3e4r5t",
            "password123",
            "Password123!",
            "PASSWORD2024",
            "iloveyou1234",
            "123456football",
            "qwerty123456",
            "aaaaaaaaaa",
            "1231231231",
            "abcabcabcabc",
            "1234512345",
            "michael1985",
            "!!princess!!",
            "letmein2025!",
        ] {
            assert_eq!(judge(password), Err(PasswordProblem::TooCommon), "{password:?}");
        }
    }

    #[test]
    fn security_5_the_list_itself_is_refused() {
        let long = COMMON.iter().filter(|word| word.chars().count() >= MIN_CHARS);
        assert!(long.clone().all(|word| judge(word) == Err(PasswordProblem::TooCommon)));
        assert!(long.count() > 1000);
    }

    #[test]
    fn security_7_the_shops_name_and_the_address_are_no_password() {
        for password in [
            "octavo-octavo",
            "Octavo 2025!",
            "ada.byron1815",
            "ADA.BYRON@example.org",
            "x-ada.byron-x",
            "octavo.ada.byron",
        ] {
            assert_eq!(judge(password), Err(PasswordProblem::TooObvious), "{password:?}");
        }
        assert_eq!(judge("octavo is where my books are from"), Ok(()));
        assert_eq!(check("jo was here today", &["jo@x.org", "jo"]), Ok(()));
    }

    proptest! {
        #[test]
        fn any_password_gets_a_verdict(password in "\\PC{0,40}", word in "\\PC{0,12}") {
            let verdict = check(&password, &[&word]);
            prop_assert_eq!(verdict == Err(PasswordProblem::TooShort), password.chars().count() < MIN_CHARS);
        }
    }
}
