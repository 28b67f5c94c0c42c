//! Weights to grams.

/// "340", "340 g", "12.5 ounces", "0,4 kg". A number alone is of grams.
pub(crate) fn grams(text: &str) -> Option<u32> {
    let text = text.trim();
    let end = text.find(|sign: char| !(sign.is_ascii_digit() || matches!(sign, '.' | ','))).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    measured(number, unit.trim())
}

/// An amount in a unit of ONIX list 50, or in words.
pub(crate) fn measured(number: &str, unit: &str) -> Option<u32> {
    let micrograms_in_unit: u64 = match unit.to_ascii_lowercase().trim_end_matches('.') {
        "" | "g" | "gr" | "gram" | "grams" => 1_000_000,
        "kg" | "kilo" | "kilos" | "kilogram" | "kilograms" => 1_000_000_000,
        "lb" | "lbs" | "pound" | "pounds" => 453_592_370,
        "oz" | "ounce" | "ounces" => 28_349_523,
        _ => return None,
    };
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let decimals = decimals.get(..6).unwrap_or(decimals);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    let millionths: u64 = format!("{whole}{decimals:0<6}").parse().ok()?;
    let grams = u128::from(millionths) * u128::from(micrograms_in_unit) / 1_000_000;
    u32::try_from((grams + 500_000) / 1_000_000).ok().filter(|&grams| grams > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn weights_are_grams_whatever_they_are_given_in() {
        for (text, expected) in [
            ("340", Some(340)),
            ("340 g", Some(340)),
            ("0,4 kg", Some(400)),
            ("6.4 ounces", Some(181)),
            ("1.2 pounds", Some(544)),
            ("1lb", Some(454)),
            ("0", None),
            ("12 stones", None),
            ("1.2.3 kg", None),
            ("99999999999999999999", None),
            ("99999999999 kg", None),
            ("", None),
        ] {
            assert_eq!(grams(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_asked_for_a_weight(text in "[0-9., a-z\\PC]*") {
            grams(&text);
        }
    }
}
