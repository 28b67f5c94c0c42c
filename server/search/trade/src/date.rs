//! Dates as people and files write them.

use time::{Date, Month};

use crate::record::PartialDate;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTHS_IN_FULL: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A date whose parts can be, or none.
pub(crate) fn partial(year: i16, month: Option<u8>, day: Option<u8>) -> Option<PartialDate> {
    let first = Month::try_from(month.unwrap_or(1)).ok()?;
    Date::from_calendar_date(year.into(), first, day.unwrap_or(1)).ok()?;
    (day.is_none() || month.is_some()).then_some(PartialDate { year, month, day })
}

/// The day, where month and day are known.
pub(crate) fn day(date: PartialDate) -> Option<Date> {
    Date::from_calendar_date(date.year.into(), Month::try_from(date.month?).ok()?, date.day?).ok()
}

/// Digits in one piece: "20260131", "202601", "2026".
pub(crate) fn digits(text: &str) -> Option<PartialDate> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse().ok());
    let year = text.get(..4)?.parse().ok().filter(|&year| year != 0)?;
    match text.len() {
        4 => partial(year, None, None),
        6 => partial(year, Some(part(4, 6)?), None),
        8 => partial(year, Some(part(4, 6)?), Some(part(6, 8)?)),
        _ => None,
    }
}

/// A year as a number, as spreadsheets leave it: "2008", "2008.0", "-720".
pub(crate) fn year(text: &str) -> Option<i16> {
    let whole = text.split_once('.').map_or(
        text,
        |(whole, zeros)| {
            if zeros.bytes().all(|byte| byte == b'0') { whole } else { text }
        },
    );
    whole.parse().ok().filter(|year: &i16| *year != 0 && (-9999..=9999).contains(year))
}

/// A date in words or numbers. The year must be there; month and day count where they can be meant in one way only.
pub(crate) fn free(text: &str) -> Option<PartialDate> {
    let words = words(text);
    if let [only] = words.as_slice()
        && only.len() > 4
    {
        return digits(only);
    }
    let at = words.iter().position(|word| year_of(word).is_some())?;
    let year = year_of(words[at])?;
    let only_year = partial(year, None, None);
    let before: Vec<&str> = words[..at].iter().copied().filter(|word| !is_filler(word)).collect();
    let after: Vec<&str> = words[at + 1..].iter().copied().filter(|word| !is_filler(word)).collect();
    let (one, other) = match (before.as_slice(), after.as_slice()) {
        (&[one, other], _) | (&[], &[one, other]) => (one, Some(other)),
        (&[one], &[]) | (&[], &[one]) => (one, None),
        _ => return only_year,
    };
    let exact = match (month_named(one), other) {
        (Some(month), None) => partial(year, Some(month), None),
        (Some(month), Some(day)) => partial(year, Some(month), number(day)),
        (None, None) if one.len() == 2 => partial(year, number(one), None),
        (None, None) => None,
        (None, Some(other)) => match (number(one), month_named(other), number(other)) {
            (Some(day), Some(month), _) => partial(year, Some(month), Some(day)),
            // "2026-01-31" has one meaning, "3/4/2026" has two.
            (Some(month), None, Some(day)) if before.is_empty() => partial(year, Some(month), Some(day)),
            (Some(one), None, Some(other)) if one == other || one > 12 => partial(year, Some(other), Some(one)),
            (Some(one), None, Some(other)) if other > 12 => partial(year, Some(one), Some(other)),
            _ => None,
        },
    };
    exact.or(only_year)
}

/// Runs of letters and runs of digits.
fn words(text: &str) -> Vec<&str> {
    let kind = |character: char| (character.is_alphabetic(), character.is_ascii_digit());
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = (false, false);
    for (at, character) in text.char_indices() {
        let now = kind(character);
        if now != before {
            words.push(&text[start..at]);
            start = at;
        }
        before = now;
    }
    words.push(&text[start..]);
    words.retain(|word| word.starts_with(char::is_alphanumeric));
    words
}

fn year_of(word: &str) -> Option<i16> {
    word.parse().ok().filter(|year| word.len() == 4 && (1000..=2200).contains(year))
}

fn number(word: &str) -> Option<u8> {
    word.parse().ok().filter(|number| (1..=31).contains(number))
}

fn month_named(word: &str) -> Option<u8> {
    let word = word.to_ascii_lowercase();
    let short = if word == "sept" { "sep" } else { word.as_str() };
    let at = MONTHS
        .iter()
        .position(|month| *month == short)
        .or_else(|| MONTHS_IN_FULL.iter().position(|month| *month == word))?;
    u8::try_from(at + 1).ok()
}

/// What stands beside a day or a year without changing it: "25th", "c1995".
fn is_filler(word: &str) -> bool {
    matches!(word.to_ascii_lowercase().as_str(), "st" | "nd" | "rd" | "th" | "c" | "of" | "the" | "ca" | "p")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(date: Option<PartialDate>) -> String {
        date.map_or("-".to_owned(), |date| {
            let part = |part: Option<u8>| part.map(|part| format!("-{part:02}")).unwrap_or_default();
            format!("{}{}{}", date.year, part(date.month), part(date.day))
        })
    }

    #[test]
    fn dates_are_read_as_far_as_they_are_clear() {
        for (text, expected) in [
            ("2005", "2005"),
            ("2005.0", "2005"),
            ("c1995", "1995"),
            ("[1984?]", "1984"),
            ("1990-1995", "1990"),
            ("1997-98", "1997"),
            ("2013-05", "2013-05"),
            ("2013-05-12", "2013-05-12"),
            ("2013/5/12", "2013-05-12"),
            ("20130512", "2013-05-12"),
            ("Jan 2013", "2013-01"),
            ("December 31, 1994", "1994-12-31"),
            ("February 25th, 1971", "1971-02-25"),
            ("25 February 1971", "1971-02-25"),
            ("1 Sept. 2001", "2001-09-01"),
            ("1971 February 25", "1971-02-25"),
            ("13/04/2005", "2005-04-13"),
            ("04/13/2005", "2005-04-13"),
            ("04/04/2005", "2005-04-04"),
            ("03/04/2005", "2005"),
            ("03/2005", "2005-03"),
            ("February 30, 1971", "1971"),
            ("Spring 1999", "1999"),
            ("printed in May or June of 1999", "1999"),
            ("٢٠٠٥", "-"),
            ("19th century", "-"),
            ("n.d.", "-"),
            ("99999999999999999999", "-"),
            ("", "-"),
        ] {
            assert_eq!(shown(free(text)), expected, "{text}");
        }
    }

    #[test]
    fn digits_are_a_date_by_their_number() {
        for (text, expected) in [
            ("20260131", "2026-01-31"),
            ("202601", "2026-01"),
            ("2026", "2026"),
            ("20260231", "-"),
            ("202613", "-"),
            ("0000", "-"),
            ("2026-01-31", "-"),
            ("", "-"),
        ] {
            assert_eq!(shown(digits(text)), expected, "{text}");
        }
    }

    #[test]
    fn years_are_numbers() {
        for (text, expected) in
            [("2008.0", Some(2008)), ("-720.0", Some(-720)), ("8", Some(8)), ("0", None), ("2008.5", None), ("x", None)]
        {
            assert_eq!(year(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_asked_for_a_date(text in ".*") {
            free(&text);
            digits(&text);
            year(&text);
        }

        #[test]
        fn a_written_day_is_read_back(year in 1000_i16..2200, month in 1_u8..=12, day in 1_u8..=28) {
            let date = partial(year, Some(month), Some(day));
            prop_assert_eq!(free(&format!("{year}-{month:02}-{day:02}")), date);
            prop_assert_eq!(free(&format!("{} {day}, {year}", MONTHS_IN_FULL[usize::from(month) - 1])), date);
            prop_assert_eq!(digits(&format!("{year}{month:02}{day:02}")), date);
        }
    }
}
