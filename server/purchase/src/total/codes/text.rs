//! How codes are spelt.

/// The shortest code and the longest, folded.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=40;

/// A code as it is stored and compared: capital letters and digits, whatever is typed between them. `None` for what
/// cannot be a code.
pub(super) fn fold(typed: &str) -> Option<String> {
    let mut folded = String::new();
    for character in typed.chars().filter(|character| !character.is_whitespace() && *character != '-') {
        if !character.is_ascii_alphanumeric() || folded.len() == *LENGTHS.end() {
            return None;
        }
        folded.push(character.to_ascii_uppercase());
    }
    LENGTHS.contains(&folded.len()).then_some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_blanks_and_hyphens_make_no_difference() {
        assert_eq!(fold(" summer-24\n"), Some("SUMMER24".to_owned()));
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        let long = "A".repeat(41);
        for nonsense in ["", "AB", "--", "sömmer", "' or 1=1", long.as_str()] {
            assert_eq!(fold(nonsense), None);
        }
    }
}
