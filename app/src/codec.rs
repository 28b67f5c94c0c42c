//! How server functions read what arrives: a form's URL-encoded text or JSON, told apart by the first character, and
//! nothing beyond the fields that the function declares.

use bytes::Bytes;
use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};
use server_fn::{ContentType, Decodes, Encodes, Format, FormatType};

/// `#[server(input = Post<FormOrJson>)]`: plain forms and API clients call the same function.
pub struct FormOrJson;

impl ContentType for FormOrJson {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for FormOrJson {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for FormOrJson {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: Serialize + DeserializeOwned> Decodes<T> for FormOrJson {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        let text = std::str::from_utf8(&bytes).map_err(serde_json::Error::custom)?;
        let (value, sent): (T, Vec<String>) = if text.trim_start().starts_with('{') {
            let json: serde_json::Map<_, _> = serde_json::from_str(text)?;
            let sent = json.keys().cloned().collect();
            (serde_json::from_value(json.into())?, sent)
        } else {
            let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(serde_json::Error::custom)?;
            // What stands there instead of bytes that are not UTF-8.
            if pairs.iter().any(|(_, value)| value.contains('\u{fffd}')) {
                return Err(serde_json::Error::custom("not UTF-8"));
            }
            let value = serde_urlencoded::from_str(text).map_err(serde_json::Error::custom)?;
            (value, pairs.into_iter().map(|(name, _)| name).collect())
        };
        // A field that the function does not know (a price, a role) is refused, not ignored.
        let known = serde_json::to_value(&value)?;
        match sent.iter().find(|name| known.get(name.as_str()).is_none()) {
            None => Ok(value),
            Some(_) => Err(serde_json::Error::custom("a field that is not known here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Wish {
        edition: u64,
        quantity: i64,
    }

    fn read(text: &str) -> Option<Wish> {
        FormOrJson::decode(Bytes::copy_from_slice(text.as_bytes())).ok()
    }

    #[test]
    fn a_form_and_json_read_alike() {
        let wish = Some(Wish { edition: 7, quantity: 2 });
        assert_eq!(read("edition=7&quantity=2"), wish);
        assert_eq!(read(r#" {"quantity": 2, "edition": 7}"#), wish);
    }

    /// SECURITY 40.
    #[test]
    fn a_field_that_nobody_asked_for_is_refused() {
        assert_eq!(read("edition=7&quantity=2&price=1"), None);
        assert_eq!(read(r#"{"quantity": 2, "edition": 7, "price": 1}"#), None);
    }

    #[test]
    fn what_is_missing_doubled_or_broken_is_refused() {
        for text in [
            "",
            "edition=7",
            "edition=7&quantity=abc",
            "edition=7&edition=8&quantity=1",
            "{",
            "[]",
            "edition=7&quantity=%FF",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
