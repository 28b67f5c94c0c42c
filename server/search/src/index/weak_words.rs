//! Words that say little: a book need not have them to be found, but is ranked higher when it does.

/// Articles, conjunctions and prepositions of the languages that the shop's books have most.
const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "is", "it", "its", "of", "on", "or", "s", "that",
    "the", "this", "to", "was", "with", // English
    "am", "das", "dem", "den", "der", "des", "die", "ein", "eine", "im", "mit", "und", "von", "zu", // German
    "au", "aux", "d", "de", "du", "en", "et", "l", "la", "le", "les", "un", "une", // French
    "del", "el", "las", "los", "por", "y", // Spanish
    "da", "di", "e", "gli", "i", "il", "lo", // Italian
    "do", "dos", "o", "os", // Portuguese
    "het", "van", // Dutch
    "и", "в", "на", "с", // Russian
    "في", "من", "و", // Arabic
];

/// What people write around a title.
const SURROUNDINGS: &[&str] = &[
    "author",
    "band",
    "book",
    "books",
    "buy",
    "edition",
    "hardback",
    "hardcover",
    "no",
    "novel",
    "novels",
    "paperback",
    "part",
    "roman",
    "series",
    "tome",
    "vol",
    "volume",
];

pub(crate) fn is_stop_word(token: &str) -> bool {
    STOP_WORDS.contains(&token)
}

/// Whether a search goes on without this word where it finds nothing with it.
pub(crate) fn is_dispensable(token: &str) -> bool {
    SURROUNDINGS.contains(&token) || (token.len() == 1 && token.bytes().all(|byte| byte.is_ascii_lowercase()))
}
