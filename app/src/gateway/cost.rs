//! What things cost, as pages show it, and why a code does nothing.

use purchase::order::OrderTotal;
use purchase::total::cards::CardRefused;
use purchase::total::codes::CodeRefused;
use purchase::total::{Total, VatPart};

use super::books::price;
use crate::error::Why;
use crate::view::{Cost, Obstacle, Price, Vat};

pub(super) fn basket_cost(total: &Total) -> Cost {
    Cost {
        goods: price(total.goods),
        discount: price(total.discount),
        shipping: price(total.shipping),
        total: price(total.total),
        vat: vat(&total.vat),
        gift_card: price(total.gift_card),
        to_pay: price(total.to_pay),
    }
}

pub(super) fn order_cost(total: &OrderTotal) -> Cost {
    let (all, gift_card) = (price(total.total), price(total.gift_card));
    Cost {
        goods: price(total.goods),
        discount: price(total.discount),
        shipping: price(total.shipping),
        to_pay: Price { minor: all.minor - gift_card.minor, currency: all.currency.clone() },
        total: all,
        vat: vat(&total.vat),
        gift_card,
    }
}

fn vat(parts: &[VatPart]) -> Vec<Vat> {
    parts.iter().map(|part| Vat { basis_points: part.basis_points, amount: price(part.vat) }).collect()
}

pub(super) fn obstacle(obstacle: purchase::basket::Obstacle) -> Obstacle {
    use purchase::basket::Obstacle as Found;
    match obstacle {
        Found::Withdrawn => Obstacle::Withdrawn,
        Found::MixedCurrencies => Obstacle::MixedCurrencies,
        Found::NotDelivered => Obstacle::NotDelivered,
        Found::TooHeavy => Obstacle::TooHeavy,
        Found::BelowMinimum { least } => Obstacle::BelowMinimum { least: price(least) },
    }
}

pub(super) fn code_problem(refused: CodeRefused) -> Why {
    match refused {
        CodeRefused::Unknown => Why::Unknown,
        CodeRefused::NotYet => Why::NotYet,
        CodeRefused::Over => Why::Over,
        CodeRefused::UsedUp => Why::UsedUp,
        CodeRefused::UsedByYou => Why::UsedByYou,
        CodeRefused::WrongCurrency => Why::OtherCurrency,
    }
}

pub(super) fn card_problem(refused: CardRefused) -> Why {
    match refused {
        CardRefused::Unknown => Why::Unknown,
        CardRefused::WrongCurrency => Why::OtherCurrency,
        CardRefused::Empty | CardRefused::NotEnough { .. } => Why::Empty,
    }
}
