//! Amounts as letters show them.

/// `amount` minor units of `currency` (ISO 4217), such as `€12.30`, `¥1200` or `12.30 CHF`.
pub fn show(amount: &i64, currency: &str) -> String {
    let digits = match currency {
        "CLP" | "ISK" | "JPY" | "KRW" | "PYG" | "UGX" | "VND" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    };
    let unit = 10_u64.pow(digits);
    let sign = if *amount < 0 { "−" } else { "" };
    let whole = amount.unsigned_abs() / unit;
    let number = match digits {
        0 => whole.to_string(),
        digits => format!("{whole}.{:0width$}", amount.unsigned_abs() % unit, width = digits as usize),
    };
    match currency {
        "EUR" => format!("{sign}€{number}"),
        "GBP" => format!("{sign}£{number}"),
        "USD" => format!("{sign}${number}"),
        "JPY" => format!("{sign}¥{number}"),
        _ => format!("{sign}{number} {currency}"),
    }
}

#[cfg(test)]
mod tests {
    use super::show;

    #[test]
    fn each_currency_has_its_digits_and_its_sign() {
        for (amount, currency, shown) in [
            (1230, "EUR", "€12.30"),
            (5, "GBP", "£0.05"),
            (0, "USD", "$0.00"),
            (1200, "JPY", "¥1200"),
            (1230, "CHF", "12.30 CHF"),
            (12_345, "KWD", "12.345 KWD"),
            (-1230, "EUR", "−€12.30"),
            (i64::MIN, "EUR", "−€92233720368547758.08"),
        ] {
            assert_eq!(show(&amount, currency), shown);
        }
    }
}
