//! Money as pages and API clients see it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in minor units (cents) of a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Whole minor units.
    pub minor: i64,
    /// ISO 4217 code.
    pub currency: String,
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.currency.as_str() {
            "EUR" => "€",
            "GBP" => "£",
            "USD" => "$",
            other => return write!(f, "{other} {}", Amount(self.minor)),
        };
        write!(f, "{sign}{}", Amount(self.minor))
    }
}

struct Amount(i64);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minor = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", minor / 100, minor % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_read_as_people_write_them() {
        let price = |minor, currency: &str| Price { minor, currency: currency.into() }.to_string();
        assert_eq!(price(1290, "EUR"), "€12.90");
        assert_eq!(price(5, "GBP"), "£0.05");
        assert_eq!(price(100_000, "CHF"), "CHF 1000.00");
    }
}
