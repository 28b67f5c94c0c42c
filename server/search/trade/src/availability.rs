//! Whether a product can be had, from a code or from words.

use crate::record::Availability;

/// Of a code of ONIX list 65.
pub(crate) fn of_code(code: &str) -> Option<Availability> {
    Some(match code {
        "10" | "11" | "12" => Availability::NotYet,
        "20" | "21" | "22" | "23" => Availability::Available,
        "30" | "31" | "32" | "33" | "34" => Availability::Temporarily,
        "01" | "40" | "41" | "42" | "43" | "44" | "45" | "46" | "47" | "48" | "49" | "50" | "51" | "52" => {
            Availability::NotAvailable
        }
        "97" | "98" | "99" => Availability::Unknown,
        _ => return None,
    })
}

/// Of a word such as lists of booksellers have, or a code.
pub(crate) fn of_words(text: &str) -> Option<Availability> {
    let word = text.trim().to_lowercase().replace(['-', '_'], " ");
    Some(match word.as_str() {
        "available" | "in stock" | "in print" | "to order" | "yes" => Availability::Available,
        "not yet available" | "not yet" | "not yet published" | "forthcoming" | "pre order" | "preorder" => {
            Availability::NotYet
        }
        "out of stock" | "temporarily unavailable" | "temporarily" | "reprinting" | "reprint" | "backorder" => {
            Availability::Temporarily
        }
        "out of print" | "not available" | "unavailable" | "cancelled" | "discontinued" | "withdrawn" | "no" => {
            Availability::NotAvailable
        }
        "unknown" | "ask" => Availability::Unknown,
        code => return of_code(code),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn availability_is_known_by_code_and_by_word() {
        for (text, expected) in [
            ("21", Some(Availability::Available)),
            ("In Stock", Some(Availability::Available)),
            ("pre-order", Some(Availability::NotYet)),
            ("31", Some(Availability::Temporarily)),
            ("Out of print", Some(Availability::NotAvailable)),
            ("99", Some(Availability::Unknown)),
            ("13", None),
            ("maybe", None),
        ] {
            assert_eq!(of_words(text), expected, "{text}");
        }
    }
}
