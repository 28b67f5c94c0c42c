//! Languages to ISO 639-1 where there is such a code, else ISO 639-2/B.

use isolang::Language;

/// ISO 639-2/B where it differs from 639-2/T, and codes of MARC that libraries still have.
const OTHER_CODES: [(&str, &str); 23] = [
    ("alb", "sq"),
    ("arm", "hy"),
    ("baq", "eu"),
    ("bur", "my"),
    ("chi", "zh"),
    ("cze", "cs"),
    ("dut", "nl"),
    ("fre", "fr"),
    ("geo", "ka"),
    ("ger", "de"),
    ("gre", "el"),
    ("ice", "is"),
    ("mac", "mk"),
    ("mao", "mi"),
    ("may", "ms"),
    ("per", "fa"),
    ("rum", "ro"),
    ("slo", "sk"),
    ("tib", "bo"),
    ("wel", "cy"),
    ("mol", "ro"),
    ("scc", "sr"),
    ("scr", "hr"),
];

/// Codes of ISO 639-2 that stand for several languages, which ISO 639-3 does not have.
const COLLECTIVE: &str = "afa alg apa art ath aus bad bai bat ber bih bnt btk cai cau cel cmc cpe cpf cpp crp cus day \
                          dra fiu gem ijo inc ine ira iro kar khi kro map mkh mno mun myn nah nai nic nub oto paa phi \
                          pra roa sai sal sem sgn sio sit sla smi son ssa tai tup tut wak wen ypk znd";

/// A language by its code in any of the standards, a locale or its English name. What is said to be unknown or no
/// language is none.
pub(crate) fn code(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let code = text.split(['-', '_']).next().unwrap_or_default();
    if matches!(code, "und" | "zxx" | "mis") {
        return None;
    }
    if let Some((_, two)) = OTHER_CODES.iter().find(|(three, _)| *three == code) {
        return Some((*two).to_owned());
    }
    if code.len() == 3 && COLLECTIVE.split(' ').any(|known| known == code) {
        return Some(code.to_owned());
    }
    let language = match code.len() {
        2 => Language::from_639_1(code),
        3 => Language::from_639_3(code),
        _ => None,
    };
    let language = language.or_else(|| Language::from_name_lowercase(&text))?;
    Some(language.to_639_1().unwrap_or(language.to_639_3()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_known_by_code_locale_and_name() {
        for (text, expected) in [
            ("eng", Some("en")),
            ("en-US", Some("en")),
            (" EN ", Some("en")),
            ("English", Some("en")),
            ("ger", Some("de")),
            ("deu", Some("de")),
            ("per", Some("fa")),
            ("grc", Some("grc")),
            ("fil", Some("fil")),
            ("nah", Some("nah")),
            ("mul", Some("mul")),
            ("und", None),
            ("qqq", None),
            ("zz", None),
            ("", None),
            ("é", None),
        ] {
            assert_eq!(code(text).as_deref(), expected, "{text}");
        }
    }
}
