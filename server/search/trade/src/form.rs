//! How a product is made, from a code or from words.

use crate::record::Form;

const NOT_PRINTED: [&str; 21] = [
    "ebook",
    "ebooks",
    "kindle",
    "electronic",
    "digital",
    "epub",
    "pdf",
    "online",
    "download",
    "audio",
    "audiobook",
    "mp3",
    "cd",
    "cassette",
    "dvd",
    "video",
    "microform",
    "calendar",
    "map",
    "game",
    "toy",
];
const HARD: [&str; 9] = ["hardcover", "hardback", "hardbound", "hard", "cased", "hbk", "library", "gebunden", "relié"];
const SOFT: [&str; 11] = [
    "paperback",
    "softcover",
    "softback",
    "soft",
    "paper",
    "pbk",
    "mass",
    "taschenbuch",
    "broschiert",
    "broché",
    "poche",
];

/// The form of a code of ONIX list 150. Sets are taken for books; what is only for the trade is not.
pub(crate) fn of_code(code: &str) -> Form {
    match code {
        "BB" => Form::Hardback,
        "BC" => Form::Paperback,
        "00" => Form::Printed,
        _ if code.starts_with(['B', 'S']) => Form::Printed,
        _ => Form::Other,
    }
}

/// The form that words such as "Mass Market Paperback" tell, or a code among them.
pub(crate) fn of_words(text: &str) -> Form {
    let text = text.trim();
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) && text != "CD" {
        return of_code(text);
    }
    let text = text.to_lowercase().replace("e-book", "ebook");
    let has = |known: &[&str]| text.split(|sign: char| !sign.is_alphanumeric()).any(|word| known.contains(&word));
    if has(&NOT_PRINTED) {
        Form::Other
    } else if has(&HARD) {
        Form::Hardback
    } else if has(&SOFT) {
        Form::Paperback
    } else {
        Form::Printed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_known_by_code_and_by_word() {
        for (text, expected) in [
            ("Hardcover", Form::Hardback),
            ("hard cover", Form::Hardback),
            ("Library Binding", Form::Hardback),
            ("Mass Market Paperback", Form::Paperback),
            ("trade pbk.", Form::Paperback),
            ("Broché", Form::Paperback),
            ("BB", Form::Hardback),
            ("BC", Form::Paperback),
            ("BE", Form::Printed),
            ("SA", Form::Printed),
            ("ED", Form::Other),
            ("PC", Form::Other),
            ("XB", Form::Other),
            ("CD", Form::Other),
            ("Audio CD", Form::Other),
            ("E-Book", Form::Other),
            ("Kindle Edition", Form::Other),
            ("Spiral-bound", Form::Printed),
            ("Board book", Form::Printed),
            ("", Form::Printed),
        ] {
            assert_eq!(of_words(text), expected, "{text}");
        }
    }
}
