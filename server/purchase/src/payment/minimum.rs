//! What is too little to be charged: <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>

use crate::money::{Currency, Money};

/// The least that the bank charges in a currency.
#[must_use]
pub fn minimum(currency: Currency) -> Money {
    let minor = match currency {
        Currency::Eur | Currency::Usd | Currency::Chf => 50,
        Currency::Gbp => 30,
    };
    Money::new(minor, currency)
}
