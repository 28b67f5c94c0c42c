//! Prices in text to minor units. A price that could be meant in two ways is none.

use iso_currency::Currency;

use crate::entry::quoted;
use crate::record::Price;

/// The currencies that a sign may stand for, the usual one first.
const SIGNS: [(&str, &[&str]); 5] = [
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("US$", &["USD"]),
    ("$", &["USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN"]),
    ("¥", &["JPY", "CNY"]),
];

/// A currency's code, if there is such a currency.
pub(crate) fn currency(code: &str) -> Option<String> {
    Currency::from_code(&code.trim().to_ascii_uppercase()).map(|currency| currency.code().to_owned())
}

/// Reads "12.50", "12,50", "€12.50" or "12.50 EUR". `stated` is the currency that the file names for this price,
/// `usual` the one that is meant where nothing is said.
pub(crate) fn price(text: &str, stated: Option<&str>, usual: Option<&str>) -> Result<Price, String> {
    let (number, mark) = without_mark(text.trim());
    let code = match (mark, stated) {
        (None, Some(stated)) => stated.to_owned(),
        (None, None) => usual.ok_or_else(|| format!("{} is in no stated currency", quoted(text)))?.to_owned(),
        (Some(mark), stated) => {
            let may_be = SIGNS.iter().find(|(sign, _)| *sign == mark).map_or(vec![mark], |(_, codes)| codes.to_vec());
            match stated {
                Some(stated) if may_be.contains(&stated) => stated.to_owned(),
                Some(stated) => return Err(format!("{} is not in {stated}", quoted(text))),
                None => usual.filter(|usual| may_be.contains(usual)).unwrap_or(may_be[0]).to_owned(),
            }
        }
    };
    let minor = minor(number, &code).ok_or_else(|| format!("{} is not an amount of {code}", quoted(text)))?;
    Ok(Price { minor, currency: code })
}

/// The number, and the sign or code of a currency before or after it.
fn without_mark(text: &str) -> (&str, Option<&str>) {
    let number =
        text.trim_matches(|character: char| !character.is_ascii_digit() && !matches!(character, '-' | '.' | ','));
    let Some(at) = text.find(number).filter(|_| !number.is_empty()) else { return (text, None) };
    let (before, after) = (text[..at].trim(), text[at + number.len()..].trim());
    let mark = if before.is_empty() { after } else { before };
    let known = SIGNS.iter().any(|(sign, _)| *sign == mark) || Currency::from_code(mark).is_some();
    if known && (before.is_empty() || after.is_empty()) { (number, Some(mark)) } else { (text, None) }
}

/// An amount in minor units. One separator before three digits may be of thousands or of decimals: that is not read.
fn minor(number: &str, currency: &str) -> Option<i64> {
    let places: usize = Currency::from_code(currency)?.exponent()?.into();
    let (whole, decimals) = match number.rfind(['.', ',']) {
        Some(at) => {
            let (whole, decimals) = (&number[..at], &number[at + 1..]);
            let same = whole.contains(&number[at..=at]);
            let other = whole.contains(['.', ',']) && !same;
            match decimals.len() {
                3 if same => (number, ""),
                3 if !other && places != 3 => return None,
                _ if same => return None,
                _ => (whole, decimals),
            }
        }
        None => (number, ""),
    };
    let whole = without_thousands(whole)?;
    let (kept, beyond) = decimals.split_at_checked(places).unwrap_or((decimals, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(decimals) || beyond.bytes().any(|byte| byte != b'0') {
        return None;
    }
    format!("{whole}{kept:0<places$}").parse().ok()
}

/// A plain number such as "5.5" in so many decimal places.
pub(crate) fn decimal(text: &str, places: usize) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let (kept, beyond) = decimals.split_at_checked(places).unwrap_or((decimals, ""));
    let digits = [whole, kept, beyond].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let exact = beyond.bytes().all(|byte| byte == b'0');
    (digits && exact && !whole.is_empty()).then(|| format!("{whole}{kept:0<places$}").parse().ok())?
}

/// Digits, in groups of three or in one piece.
fn without_thousands(whole: &str) -> Option<String> {
    let separator = if whole.contains('.') { '.' } else { ',' };
    let groups: Vec<&str> = whole.split(separator).collect();
    let digits = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let grouped = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    (digits && grouped).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prices_are_read_as_they_are_written() {
        for (text, stated, usual, expected) in [
            ("12.50", Some("EUR"), None, "1250 EUR"),
            ("12,50", None, Some("EUR"), "1250 EUR"),
            ("12.5", Some("EUR"), None, "1250 EUR"),
            ("12", Some("EUR"), None, "1200 EUR"),
            ("12.0000", Some("EUR"), None, "1200 EUR"),
            ("€12.50", None, None, "1250 EUR"),
            ("12,50 €", None, Some("GBP"), "1250 EUR"),
            ("12.50 EUR", None, None, "1250 EUR"),
            ("EUR 1.234,50", None, None, "123450 EUR"),
            ("1,234,567", Some("GBP"), None, "123456700 GBP"),
            ("1,234.5", Some("GBP"), None, "123450 GBP"),
            ("$5", None, None, "500 USD"),
            ("$5", None, Some("AUD"), "500 AUD"),
            ("$5", Some("CAD"), None, "500 CAD"),
            ("880.00", Some("JPY"), None, "880 JPY"),
            ("1.250", Some("KWD"), None, "1250 KWD"),
            ("0", Some("EUR"), None, "0 EUR"),
        ] {
            let price = price(text, stated, usual).map(|price| format!("{} {}", price.minor, price.currency));
            assert_eq!(price.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_clearly_a_price_is_refused() {
        for (text, currency) in [
            ("1.234", "EUR"),
            ("-1", "EUR"),
            ("12.505", "EUR"),
            ("1.2.3", "EUR"),
            ("1,23,456", "EUR"),
            ("12.50", "XXX"),
            ("£12.50", "EUR"),
            ("12.50 apples", "EUR"),
            ("99999999999999999999", "EUR"),
            ("1e3", "EUR"),
            (".", "EUR"),
            ("٣", "EUR"),
            ("", "EUR"),
        ] {
            assert!(price(text, Some(currency), None).is_err(), "{text}");
        }
        assert_eq!(price("12.50", None, None), Err("“12.50” is in no stated currency".to_owned()));
    }

    #[test]
    fn decimals_are_kept_to_their_places() {
        for (text, expected) in [
            ("20", Some(200_000)),
            ("5.5", Some(55_000)),
            ("0.00000", Some(0)),
            ("5.55555", None),
            ("x", None),
            (".5", None),
        ] {
            assert_eq!(decimal(text, 4), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_asked_for_a_price(text in ".*") {
            let _ = price(&text, None, Some("EUR"));
            decimal(&text, 4);
        }

        #[test]
        fn a_written_price_is_read_back(minor in 0_i64..1_000_000_000) {
            let (whole, cents) = (minor / 100, minor % 100);
            for text in [format!("{whole}.{cents:02}"), format!("€ {whole},{cents:02}")] {
                prop_assert_eq!(price(&text, None, Some("EUR")), Ok(Price { minor, currency: "EUR".to_owned() }));
            }
        }
    }
}
