//! Dates of ONIX (list 55).

use super::element::Element;
use crate::date;
use crate::entry::quoted;
use crate::record::PartialDate;

/// The date in a composite such as `PublishingDate`; a remark if it is not understood.
pub(super) fn of(composite: &Element, what: &str, remarks: &mut Vec<String>) -> Option<PartialDate> {
    let date = composite.child("Date")?;
    let format = match composite.code("DateFormat") {
        "" => date.date_format(),
        format => format,
    };
    let read = read(format, date.own_code());
    if read.is_none() {
        remarks.push(format!("{what} is not understood: {}", quoted(date.own_code())));
    }
    read
}

/// The first composite in a role (lists 163, 166 and 173).
pub(super) fn in_role<'a>(parent: &'a Element, name: &'static str, role: &str) -> Option<&'a Element> {
    let role_name = format!("{name}Role");
    parent.children(name).find(|composite| composite.code(&role_name) == role)
}

fn read(format: &str, text: &str) -> Option<PartialDate> {
    let first = |length: usize| date::digits(text.get(..length)?);
    match format {
        // Senders mix these up, and their lengths tell them apart.
        "" | "00" | "01" | "05" => date::digits(text),
        "02" | "03" | "04" => first(4),
        "06" | "13" | "14" => first(8),
        "07" => first(6),
        "08" | "09" | "10" | "11" => first(4),
        "12" => date::free(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_by_their_format() {
        for (format, text, expected) in [
            ("", "20260131", Some((2026, Some(1), Some(31)))),
            ("00", "20260131", Some((2026, Some(1), Some(31)))),
            ("00", "2026", Some((2026, None, None))),
            ("01", "202601", Some((2026, Some(1), None))),
            ("05", "2026", Some((2026, None, None))),
            ("03", "20261", Some((2026, None, None))),
            ("06", "2026013120260201", Some((2026, Some(1), Some(31)))),
            ("12", "31 January 2026", Some((2026, Some(1), Some(31)))),
            ("14", "20150126T000000+0100", Some((2015, Some(1), Some(26)))),
            ("00", "01/21/2022", None),
            ("00", "20260231", None),
            ("25", "20260131", None),
            ("13", "é", None),
            ("00", "", None),
        ] {
            let date = read(format, text).map(|date| (date.year, date.month, date.day));
            assert_eq!(date, expected, "{format} {text}");
        }
    }
}
