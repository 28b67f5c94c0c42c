//! Amounts as people read them; everywhere else they stay whole minor units with a currency.

/// Currencies without a minor unit, at Stripe's hand.
const WHOLE: [&str; 16] =
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"];

/// `("eur", 1234)` as `EUR 12.34`.
pub fn price(currency: &str, minor: i64) -> String {
    let code = currency.to_ascii_uppercase();
    if WHOLE.contains(&currency) {
        return format!("{code} {minor}");
    }
    format!("{code} {}.{:02}", minor / 100, minor % 100)
}

/// The least that may be charged, in minor units.
pub fn least(currency: &str) -> i64 {
    if currency == "gbp" { 30 } else { 50 }
}

#[cfg(test)]
mod tests {
    use super::price;

    #[test]
    fn prices_show_two_digits_but_where_the_currency_has_none() {
        assert_eq!(price("eur", 1234), "EUR 12.34");
        assert_eq!(price("eur", 5), "EUR 0.05");
        assert_eq!(price("jpy", 1234), "JPY 1234");
    }
}
