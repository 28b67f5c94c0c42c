//! A card's code: 80 random bits as sixteen of Crockford's 32 letters and digits.

use std::fmt;

use rand::RngExt;
use sha2::{Digest, Sha256};

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 16;

/// Whoever knows it can spend the card: it is shown once, and neither stored nor logged.
#[derive(Clone, PartialEq, Eq)]
pub struct CardCode(String);

impl CardCode {
    /// A new one that nobody can guess.
    pub(super) fn random() -> Self {
        let mut rng = rand::rng();
        Self((0..LENGTH).map(|_| char::from(DIGITS[rng.random_range(0..DIGITS.len())])).collect())
    }

    /// Reads what somebody typed: in any case and grouping, with the letters that are taken for digits.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut code = String::with_capacity(LENGTH);
        for character in typed.chars().filter(|character| !character.is_whitespace() && *character != '-') {
            let digit = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                digit => digit,
            };
            if code.len() == LENGTH || !DIGITS.iter().any(|known| char::from(*known) == digit) {
                return None;
            }
            code.push(digit);
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// What is stored in its stead. So many random bits need no salt and no slow hash.
    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.0).to_vec()
    }
}

/// In groups of four, for people.
impl fmt::Display for CardCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, digit) in self.0.chars().enumerate() {
            let hyphen = if position > 0 && position % 4 == 0 { "-" } else { "" };
            write!(f, "{hyphen}{digit}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for CardCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_shown_and_as_people_type_it() {
        let code = CardCode::random();
        let shown = code.to_string();
        assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [4; 4]);
        assert_eq!(CardCode::parse(&shown), Some(code.clone()));
        assert_eq!(CardCode::parse(&format!(" {} ", shown.to_lowercase().replace('-', " "))), Some(code.clone()));
        assert_eq!(CardCode::parse(&shown.replace('0', "o").replace('1', "l")), Some(code));
    }

    #[test]
    fn nonsense_is_no_code() {
        for nonsense in ["", "0123", "0123-4567-89AB-CDEU", "0123-4567-89AB-CDEF-0", "0123-4567-89AB-CDÉF"] {
            assert_eq!(CardCode::parse(nonsense), None);
        }
    }

    #[test]
    fn a_code_never_gets_into_a_log() {
        assert_eq!(format!("{:?}", CardCode::random()), "CardCode(…)");
    }
}
