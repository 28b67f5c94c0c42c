//! What an order costs: prices, discount, delivery, the VAT in all of them, and the part that a gift card pays.
//!
//! The reckoning is [`Total::of`], without a database; [`Rates`], [`codes`] and [`cards`] are what it needs from there.
//! A transaction locks discount codes first, then gift cards, and the stock after both.

mod breakdown;
pub mod cards;
pub mod codes;
mod ledger;
mod rates;
mod reckon;
pub(crate) mod redeem;
mod share;
mod wanted;

pub use breakdown::{LineTotal, NoTotal, Total, VatPart};
pub use rates::{HOME_COUNTRY, Rates, ShippingRate, VatRate};
pub use wanted::{Delivery, Discount, ProductType, Wanted, WantedLine};
