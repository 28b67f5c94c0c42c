//! Series and the number in them, out of one text.

use crate::record::SeriesPart;

/// What may stand before a number, the longest first.
const LABELS: [&str; 17] = [
    "volume", "number", "book", "band", "part", "tome", "vol.", "vol", "bk.", "bd.", "no.", "nr.", "pt.", "#", "no",
    "v.", "t.",
];
const LONGEST_NUMBER: usize = 20;

/// "Discworld, #3", "Discworld #3", "Discworld ; 3", "Discworld, Vol. 3"; without a number all is the title.
pub(crate) fn part(text: &str) -> SeriesPart {
    let cut = [text.rfind(" #").map(|at| at + 1), text.rfind(';').map(|at| at + 1), text.rfind(',').map(|at| at + 1)];
    for at in cut.into_iter().flatten() {
        let title = text[..at].trim_matches(|end: char| end.is_whitespace() || matches!(end, ',' | ';' | ':'));
        if let Some(number) = number(&text[at..]).filter(|_| !title.is_empty()) {
            return SeriesPart { title: title.to_owned(), number: Some(number) };
        }
    }
    let title = text.trim_matches(|end: char| end.is_whitespace() || end == ';');
    SeriesPart { title: title.to_owned(), number: None }
}

/// Takes the series out of "The Colour of Magic (Discworld, #1; Rincewind, #1)".
pub(crate) fn out_of_title(text: &str) -> (&str, Vec<SeriesPart>) {
    let text = text.trim();
    let inside = text.strip_suffix(')').and_then(|open| Some((text.rfind('(')?, open)));
    let Some((at, open)) = inside.filter(|(at, open)| *at > 0 && open[*at..].contains('#')) else {
        return (text, Vec::new());
    };
    let parts: Vec<SeriesPart> = open[at + 1..].split(';').map(part).collect();
    if parts.iter().all(|part| part.number.is_some()) { (text[..at].trim(), parts) } else { (text, Vec::new()) }
}

/// A number as printed, without "Vol." and the like: "3", "2.5", "1-3", "XII".
pub(crate) fn number(text: &str) -> Option<String> {
    let mut number = text.trim();
    while let Some(rest) = LABELS.iter().find_map(|label| {
        let (start, rest) = number.split_at_checked(label.len())?;
        let ends = label.ends_with(['.', '#']) || !rest.starts_with(char::is_alphabetic);
        (start.eq_ignore_ascii_case(label) && ends).then_some(rest.trim_start())
    }) {
        number = rest;
    }
    let number = number.trim_end_matches(['.', ',', ';', ' ']);
    let numeral = number.starts_with(|first: char| first.is_ascii_digit())
        || (!number.is_empty() && number.bytes().all(|byte| b"IVXLCDM".contains(&byte)));
    (numeral && number.chars().count() <= LONGEST_NUMBER).then(|| number.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_series_is_told_from_its_number() {
        for (text, title, number) in [
            ("Discworld #3", "Discworld", Some("3")),
            ("Discworld, #3", "Discworld", Some("3")),
            ("Hush, Hush #1", "Hush, Hush", Some("1")),
            ("Earthsea Cycle, #2.5", "Earthsea Cycle", Some("2.5")),
            ("Saga #1-3", "Saga", Some("1-3")),
            ("Modern cell biology ; v. 17", "Modern cell biology", Some("17")),
            ("A Book Apart, No. 2", "A Book Apart", Some("2")),
            ("Great Books, vol. XII.", "Great Books", Some("XII")),
            ("Everyday handbook series, 254", "Everyday handbook series", Some("254")),
            ("Power, conflict, and democracy", "Power, conflict, and democracy", None),
            ("Madeleva lecture ;", "Madeleva lecture", None),
            ("#3", "#3", None),
            ("C # for all", "C # for all", None),
            ("", "", None),
        ] {
            let part = part(text);
            assert_eq!((part.title.as_str(), part.number.as_deref()), (title, number), "{text}");
        }
    }

    #[test]
    fn only_a_bracket_with_a_number_is_a_series() {
        let (title, parts) = out_of_title("Mort (Death, #1; Discworld, #4)");
        assert_eq!(title, "Mort");
        assert_eq!(parts, [part("Death, #1"), part("Discworld, #4")]);
        for text in ["Emma (Penguin Classics)", "(#1)", "Saga #1", "Emma (#girl)", "Emma)"] {
            assert_eq!(out_of_title(text), (text, Vec::new()));
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_asked_for_a_series(text in "[ ,;#()\\PC]*") {
            part(&text);
            out_of_title(&text);
        }
    }
}
