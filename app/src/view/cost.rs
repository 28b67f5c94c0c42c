//! What a basket or an order costs.

use serde::{Deserialize, Serialize};

use super::Price;

/// What is paid and what that is made of: `goods - discount + shipping = total = gift_card + to_pay`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// All books.
    pub goods: Price,
    /// What a discount code takes off them.
    pub discount: Price,
    /// What delivery costs.
    pub shipping: Price,
    /// What is paid in all.
    pub total: Price,
    /// The VAT in it, by ascending rates.
    pub vat: Vec<Vat>,
    /// The part of it that a gift card pays.
    pub gift_card: Price,
    /// What is left to pay.
    pub to_pay: Price,
}

/// The VAT of one rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vat {
    /// The rate, in hundredths of a per cent.
    pub basis_points: u32,
    /// How much.
    pub amount: Price,
}

impl Vat {
    /// The rate as people write it: "10 %", "5.5 %".
    #[must_use]
    pub fn rate(&self) -> String {
        format!("{} %", f64::from(self.basis_points) / 100.0)
    }
}
