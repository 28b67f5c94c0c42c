//! What a total is made of.

use crate::money::Money;

/// What an order costs and what that is made of, all in one currency:
/// `goods - discount + shipping = total = gift_card + to_pay`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// The lines, by the editions' ids.
    pub lines: Vec<LineTotal>,
    /// All lines, before the discount.
    pub goods: Money,
    /// What is taken off the goods; never more than they cost.
    pub discount: Money,
    /// What delivery costs.
    pub shipping: Money,
    /// What is paid in all.
    pub total: Money,
    /// The VAT in the total, by ascending rates; also the part without any, so that all of them add up to the total.
    pub vat: Vec<VatPart>,
    /// What the gift card pays. What it leaves is never too little for the bank, unless the total itself is.
    pub gift_card: Money,
    /// What is left to pay.
    pub to_pay: Money,
}

/// What one line comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineTotal {
    /// The edition's id in the catalogue.
    pub edition: u64,
    /// All copies, before the discount.
    pub goods: Money,
    /// The line's part of the discount.
    pub discount: Money,
}

/// What of a total has one VAT rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VatPart {
    /// The rate, in hundredths of a per cent.
    pub basis_points: u32,
    /// Goods and delivery at this rate, VAT included.
    pub gross: Money,
    /// The VAT in it.
    pub vat: Money,
}

/// Why there is no total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTotal {
    /// Nothing is wanted.
    Empty,
    /// Nothing is delivered there in this currency, or the VAT there is not known.
    NotDelivered,
    /// Nothing of this weight is sent there.
    TooHeavy,
    /// Prices in two currencies.
    MixedCurrencies,
    /// A sum beyond all bounds, or a negative figure: nothing that a shopper could cause.
    BeyondBounds,
}
