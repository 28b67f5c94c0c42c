//! Money: whole minor units (cents) of one currency, and arithmetic that cannot overflow in silence.

use std::fmt;

/// An ISO 4217 code that the shop knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Currency {
    /// Euro, cents.
    Eur,
    /// US dollar, cents.
    Usd,
    /// Pound sterling, pence.
    Gbp,
    /// Swiss franc, Rappen.
    Chf,
}

impl Currency {
    /// The three letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Usd => "USD",
            Self::Gbp => "GBP",
            Self::Chf => "CHF",
        }
    }

    /// Reads the three letters, in capitals.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Eur, Self::Usd, Self::Gbp, Self::Chf].into_iter().find(|currency| currency.code() == code)
    }
}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` units (cents) of `currency`.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads an amount as people write it: `12.05 EUR`, `5EUR`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (amount, code) = text.split_at_checked(text.len().checked_sub(3)?)?;
        let (whole, part) = amount.trim_end().split_once('.').unwrap_or((amount.trim_end(), "00"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() != 2 {
            return None;
        }
        let minor = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)?;
        Some(Self::new(minor, Currency::parse(code)?))
    }

    /// Whole minor units.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// Its currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The sum; `None` beyond the bounds or for two currencies.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        Some(Self::new(self.minor.checked_add(other.minor)?, self.currency))
    }

    /// `quantity` times this; `None` beyond the bounds.
    #[must_use]
    pub fn times(self, quantity: i32) -> Option<Self> {
        Some(Self::new(self.minor.checked_mul(i64::from(quantity))?, self.currency))
    }

    /// The sum of all; `None` for no amounts, two currencies, or beyond the bounds.
    pub fn sum(amounts: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let mut amounts = amounts.into_iter();
        let first = amounts.next()??;
        amounts.try_fold(first, |sum, amount| sum.plus(amount?))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        write!(f, "{} {sign}{}.{:02}", self.currency.code(), minor / 100, minor % 100)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::Eur)
    }

    #[test]
    fn two_currencies_do_not_add_up() {
        assert_eq!(eur(1).plus(Money::new(1, Currency::Usd)), None);
    }

    /// SECURITY 56.
    #[test]
    fn amounts_at_the_bounds_are_refused_instead_of_wrapped() {
        assert_eq!(eur(i64::MAX).plus(eur(1)), None);
        assert_eq!(eur(i64::MAX / 2).times(3), None);
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(eur(1205).to_string(), "EUR 12.05");
        assert_eq!(eur(-5).to_string(), "EUR -0.05");
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, minor) in [("12.05 EUR", 1205), ("5EUR", 500), (" 0.50EUR", 50)] {
            assert_eq!(Money::parse(text), Some(eur(minor)), "{text}");
        }
        for nonsense in
            ["", "EUR", "5", "5.5 EUR", "-5 EUR", "5,00 EUR", "5.00 XXX", "1e3 EUR", "99999999999999999999 EUR", "é€"]
        {
            assert_eq!(Money::parse(nonsense), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn times_is_adding_as_often(minor in 0_i64..10_000_000, quantity in 1_i32..99) {
            let added = Money::sum((0..quantity).map(|_| Some(eur(minor))));
            prop_assert_eq!(eur(minor).times(quantity), added);
        }
    }
}
