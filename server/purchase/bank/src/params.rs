//! Form-encoded parameters with bracketed keys. Each is taken once; what stays over is refused,
//! as Stripe refuses parameters that it does not know.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::error::Failure;

/// The parameters of one request.
#[derive(Clone, Debug, Default)]
pub struct Params(BTreeMap<String, Vec<String>>);

impl Params {
    /// Reads a body or a query string.
    pub fn parse(encoded: &[u8]) -> Result<Self, Failure> {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(encoded).map_err(|_| Failure::malformed("The form could not be read."))?;
        let mut params = Self::default();
        for (name, value) in pairs {
            params.0.entry(name).or_default().push(value);
        }
        Ok(params)
    }

    /// The same for the same parameters in whatever order.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for (name, values) in &self.0 {
            for value in values {
                hash.update((name.len() as u64).to_be_bytes());
                hash.update(name);
                hash.update((value.len() as u64).to_be_bytes());
                hash.update(value);
            }
        }
        hex::encode(hash.finalize())
    }

    /// A text, if it is there; at most `max` characters.
    pub fn text(&mut self, name: &str, max: usize) -> Result<Option<String>, Failure> {
        let Some(mut values) = self.0.remove(name) else {
            return Ok(None);
        };
        let Some(value) = values.pop().filter(|_| values.is_empty()) else {
            return Err(Failure::invalid(name, "parameter_invalid_string", "Given more than once."));
        };
        if value.is_empty() {
            return Err(Failure::invalid(
                name,
                "parameter_invalid_empty",
                format!("You passed an empty string for '{name}'."),
            ));
        }
        if value.chars().count() > max {
            return Err(Failure::invalid(
                name,
                "parameter_invalid_string",
                format!("Invalid string: must be at most {max} characters"),
            ));
        }
        Ok(Some(value))
    }

    /// A text that must be there.
    pub fn required(&mut self, name: &str, max: usize) -> Result<String, Failure> {
        self.text(name, max)?.ok_or_else(|| missing(name))
    }

    /// A whole number, if it is there.
    pub fn integer(&mut self, name: &str) -> Result<Option<i64>, Failure> {
        let Some(text) = self.text(name, 40)? else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|_| Failure::invalid(name, "parameter_invalid_integer", format!("Invalid integer: {text}")))
    }

    /// A whole number between two bounds, both allowed.
    pub fn between(&mut self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Failure> {
        match self.integer(name)? {
            Some(number) if number < least || number > most => Err(Failure::invalid(
                name,
                "parameter_invalid_integer",
                format!("This value must be between {least} and {most}."),
            )),
            number => Ok(number),
        }
    }

    /// A flag; absent means no.
    pub fn flag(&mut self, name: &str) -> Result<bool, Failure> {
        match self.text(name, 5)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => {
                Err(Failure::invalid(name, "parameter_invalid_boolean", format!("Invalid boolean: {other}")))
            }
        }
    }

    /// One of some words, if it is there.
    pub fn word<'a>(&mut self, name: &str, known: &[&'a str]) -> Result<Option<&'a str>, Failure> {
        let Some(text) = self.text(name, 100)? else {
            return Ok(None);
        };
        known.iter().find(|word| **word == text).copied().map(Some).ok_or_else(|| {
            Failure::invalid(
                name,
                "parameter_invalid_enum",
                format!("Invalid {name}: must be one of {}", known.join(", ")),
            )
        })
    }

    /// An address a browser can be sent to. `http` and `https` only.
    pub fn web_address(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let Some(text) = self.text(name, 5000)? else {
            return Ok(None);
        };
        match reqwest::Url::parse(&text) {
            Ok(url) if ["http", "https"].contains(&url.scheme()) => Ok(Some(text)),
            _ => Err(Failure::invalid(name, "url_invalid", "Not a valid URL")),
        }
    }

    /// `name[a]=1&name[b]=2`, within Stripe's bounds for metadata.
    pub fn metadata(&mut self, name: &str) -> Result<BTreeMap<String, String>, Failure> {
        let mut found = BTreeMap::new();
        for key in self.keys_within(name) {
            let full = format!("{name}[{key}]");
            if key.is_empty() || key.chars().count() > 40 || key.contains(['[', ']']) {
                return Err(Failure::invalid(
                    &full,
                    "parameter_invalid_string",
                    "Metadata keys have 1 to 40 characters, without square brackets.",
                ));
            }
            if self.0.get(&full).is_some_and(|values| values.iter().all(String::is_empty)) {
                self.0.remove(&full);
                continue;
            }
            found.insert(key, self.required(&full, 500)?);
        }
        if found.len() > 50 {
            return Err(Failure::invalid(name, "parameter_invalid", "At most 50 metadata keys."));
        }
        Ok(found)
    }

    /// `name[]=a&name[]=b` or `name[0]=a&name[1]=b`.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        let keys = self.keys_within(name);
        keys.iter().filter_map(|key| self.0.remove(&format!("{name}[{key}]"))).flatten().collect()
    }

    /// Whether the one property that can be is wanted in full.
    pub fn expand(&mut self, known: &str) -> Result<bool, Failure> {
        let wanted = self.list("expand");
        match wanted.iter().find(|name| *name != known) {
            None => Ok(!wanted.is_empty()),
            Some(other) => Err(Failure::invalid(
                "expand",
                "parameter_invalid",
                format!("This property cannot be expanded ({other})."),
            )),
        }
    }

    /// Whether any parameter begins with this.
    pub fn any_within(&self, prefix: &str) -> bool {
        self.0.keys().any(|key| key.starts_with(prefix))
    }

    /// Refuses what nobody took.
    pub fn finish(self) -> Result<(), Failure> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => {
                Err(Failure::invalid(&name, "parameter_unknown", format!("Received unknown parameter: {name}")))
            }
        }
    }

    fn keys_within(&self, name: &str) -> Vec<String> {
        let inner = |key: &String| {
            let key = key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            Some(key.to_owned())
        };
        self.0.keys().filter_map(inner).collect()
    }
}

/// 400: this parameter is needed.
pub fn missing(name: &str) -> Failure {
    Failure::invalid(name, "parameter_missing", format!("Missing required param: {name}."))
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn brackets_are_read_and_leftovers_refused() {
        let mut params =
            Params::parse(b"metadata[order]=7&metadata[note]=&expand[]=a&expand[]=b&amount=12&x=1").unwrap();
        assert_eq!(
            params.metadata("metadata").unwrap().into_iter().collect::<Vec<_>>(),
            [("order".to_owned(), "7".to_owned())]
        );
        assert_eq!(params.list("expand"), ["a", "b"]);
        assert_eq!(params.integer("amount").unwrap(), Some(12));
        assert_eq!(params.finish().unwrap_err().code, Some("parameter_unknown"));
    }

    #[test]
    fn the_fingerprint_ignores_order_and_sees_every_value() {
        let print = |text: &str| Params::parse(text.as_bytes()).unwrap().fingerprint();
        assert_eq!(print("a=1&b=2"), print("b=2&a=1"));
        assert_ne!(print("a=1&b=2"), print("a=1&b=3"));
        assert_ne!(print("a=1&b=2"), print("a=1b&=2"));
    }

    #[test]
    fn wrong_values_are_named() {
        let mut params = Params::parse(b"amount=1.5&mode=x&ok=maybe&url=javascript:1").unwrap();
        assert_eq!(params.integer("amount").unwrap_err().param.as_deref(), Some("amount"));
        assert!(params.word("mode", &["payment"]).is_err());
        assert!(params.flag("ok").is_err());
        assert_eq!(params.web_address("url").unwrap_err().code, Some("url_invalid"));
        assert_eq!(params.required("name", 9).unwrap_err().code, Some("parameter_missing"));
    }
}
