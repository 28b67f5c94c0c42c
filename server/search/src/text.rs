//! Text as search compares it: folded, and cut into words with the forms in which each may be written.

use deunicode::deunicode;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its folded letters in one piece: `saintexupery`, `jrr`.
    pub(crate) joined: String,
    /// The ways to write it, each a list of tokens: `[saintexupery]` or `[saint, exupery]`.
    pub(crate) forms: Vec<Vec<String>>,
}

impl Word {
    fn plain(text: &str) -> Self {
        // "Vol. 01" and "Vol. 1" are the same volume.
        let text = match text.trim_start_matches('0') {
            short if !short.is_empty() && short.bytes().all(|byte| byte.is_ascii_digit()) => short,
            _ => text,
        };
        Self { joined: text.to_owned(), forms: vec![vec![text.to_owned()]] }
    }

    fn compound(parts: &[&str]) -> Self {
        let joined = parts.concat();
        let parts = parts.iter().map(|&part| part.to_owned()).collect();
        Self { forms: vec![vec![joined.clone()], parts], joined }
    }

    /// A stretch of a script that is written without spaces, as overlapping pairs of characters.
    fn unspaced(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let pairs = if characters.len() == 1 {
            vec![text.to_owned()]
        } else {
            characters.windows(2).map(|pair| pair.iter().collect()).collect()
        };
        Self { joined: text.to_owned(), forms: vec![pairs] }
    }

    pub(crate) fn is_number(&self) -> bool {
        self.joined.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn is_letter(&self) -> bool {
        let mut characters = self.joined.chars();
        characters.next().is_some_and(|only| only.is_alphabetic() && !is_unspaced(only)) && characters.next().is_none()
    }
}

/// Lower case, without accents, one sign for those that look alike; letters such as ß are spelled out.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkd().filter(|&character| !is_accent(character)).nfc().flat_map(char::to_lowercase) {
        match character {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            'ى' | 'ی' => folded.push('ي'),
            'ک' => folded.push('ك'),
            'ة' => folded.push('ه'),
            'ـ' | '\u{200b}'..='\u{200f}' | '\u{ad}' => {}
            '’' | '‘' | 'ʼ' | 'ʹ' | '′' | '´' | '`' => folded.push('\''),
            '‐' | '−' => folded.push('-'),
            '&' => folded.push_str(" and "),
            other => folded.push(other),
        }
    }
    folded
}

/// The words of a text, in order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let folded = fold(text);
    let mut words: Vec<Word> = Vec::new();
    for piece in folded.split(|character| !(is_letter(character) || matches!(character, '\'' | '-'))) {
        for stretch in by_script(piece) {
            let parts: Vec<&str> = stretch.split(['\'', '-']).filter(|part| !part.is_empty()).collect();
            match parts.as_slice() {
                [] => {}
                [only] if only.starts_with(is_unspaced) => words.push(Word::unspaced(only)),
                [only] => words.push(Word::plain(only)),
                parts => words.push(Word::compound(parts)),
            }
        }
    }
    join_initials(words)
}

/// Every token by which a text can be found: all forms, umlauts spelled out, other alphabets transliterated.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut add = |words: Vec<Word>| {
        for word in words {
            let characters = word.joined.chars().filter(|&character| is_unspaced(character)).map(String::from);
            let forms = word.forms.iter().flatten().cloned();
            for token in forms.chain(characters) {
                if !tokens.contains(&token) {
                    tokens.push(token);
                }
            }
        }
    };
    add(words(text));
    if let Some(spelled) = umlauts_spelled(text) {
        add(words(&spelled));
    }
    if text.chars().any(is_other_alphabet) {
        add(words(&deunicode(text)));
    }
    tokens
}

/// A text's letters in one piece, by which whole titles and names are compared.
pub(crate) fn squash(text: &str) -> String {
    words(text).into_iter().map(|word| word.joined).collect()
}

/// "J. R. R." and "JRR" are one word with two forms.
fn join_initials(words: Vec<Word>) -> Vec<Word> {
    let mut joined: Vec<Word> = Vec::with_capacity(words.len());
    for run in words.chunk_by(|one, next| one.is_letter() && next.is_letter()) {
        match run {
            [only] => joined.push(only.clone()),
            letters => {
                let letters: Vec<&str> = letters.iter().map(|word| word.joined.as_str()).collect();
                joined.push(Word::compound(&letters));
            }
        }
    }
    joined
}

/// Cuts where a script written without spaces begins or ends.
fn by_script(piece: &str) -> Vec<&str> {
    let mut stretches = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, character) in piece.char_indices() {
        let unspaced = is_unspaced(character);
        if before.is_some_and(|before| before != unspaced) {
            stretches.push(&piece[start..at]);
            start = at;
        }
        before = Some(unspaced);
    }
    stretches.push(&piece[start..]);
    stretches
}

fn umlauts_spelled(text: &str) -> Option<String> {
    let mut spelled = String::new();
    let mut any = false;
    for character in text.nfc().flat_map(char::to_lowercase) {
        let letters = match character {
            'ä' => "ae",
            'ö' | 'ø' => "oe",
            'ü' => "ue",
            'å' => "aa",
            other => {
                spelled.push(other);
                continue;
            }
        };
        any = true;
        spelled.push_str(letters);
    }
    any.then_some(spelled)
}

fn is_letter(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

/// Marks that people leave out. Vowel signs of Indic scripts are combining marks too, and stay.
fn is_accent(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// Chinese and Japanese, Thai, Lao, Burmese and Khmer.
fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'
        | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Greek, Cyrillic, Armenian and Georgian: alphabets whose transliteration people type.
fn is_other_alphabet(character: char) -> bool {
    matches!(character, '\u{370}'..='\u{58f}' | '\u{10a0}'..='\u{10ff}' | '\u{1f00}'..='\u{1fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding_leaves_what_people_type() {
        for (text, expected) in [
            ("BRONTË", "bronte"),
            ("Camilla La\u{308}ckberg", "camilla lackberg"),
            ("Straße", "strasse"),
            ("Søren Ærø", "soren aero"),
            ("Łódź İstanbul ﬁn", "lodz istanbul fin"),
            ("Ёлка", "елка"),
            ("أَلْف لَيْلَة", "الف ليله"),
            ("ガラス", "ガラス"),
            ("한국", "한국"),
            ("frog & toad", "frog  and  toad"),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    #[test]
    fn apostrophes_hyphens_and_initials_give_one_word_with_two_forms() {
        assert_eq!(words("O’Brien"), [Word::compound(&["o", "brien"])]);
        assert_eq!(words("Saint-Exupéry"), [Word::compound(&["saint", "exupery"])]);
        assert_eq!(words("J. R. R. Tolkien"), [Word::compound(&["j", "r", "r"]), Word::plain("tolkien")]);
        assert_eq!(words("'Salem's"), [Word::compound(&["salem", "s"])]);
        assert_eq!(words("Vol. 01, 007-x"), [Word::plain("vol"), Word::plain("1"), Word::compound(&["007", "x"])]);
        assert_eq!(words("-- ' ?!"), []);
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_pairs() {
        let words = words("吾輩は猫 vol.1");
        assert_eq!(words[0].forms, [["吾輩", "輩は", "は猫"]]);
        assert_eq!(words[1], Word::plain("vol"));
        assert_eq!(tokens("三体"), ["三体", "三", "体"]);
    }

    #[test]
    fn a_text_is_found_by_its_other_spellings() {
        assert_eq!(tokens("Jo Nesbø"), ["jo", "nesbo", "nesboe"]);
        assert!(tokens("Война и мир").contains(&"voina".to_owned()));
        assert_eq!(squash("The J.R.R.-Reader"), squash("the jrr reader"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing_more(text in "\\PC*") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn any_text_has_words_without_empty_tokens(text in ".*") {
            prop_assert!(words(&text).iter().flat_map(|word| word.forms.iter().flatten()).all(|token| !token.is_empty()));
        }
    }
}
