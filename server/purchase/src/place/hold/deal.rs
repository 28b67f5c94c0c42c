//! Who gets what of what there is, in order of arrival.

use std::collections::{BTreeMap, HashMap};

use super::{Holding, NewOrder, chosen};
use crate::place::idempotency::Refusal;
use crate::total::redeem::{NotRedeemed, Redeeming};

/// Lets each order redeem its code and its gift card; whose cannot is refused.
pub(super) fn refuse_unredeemed(orders: &[&NewOrder], answers: &mut [Holding], redeeming: &mut Redeeming) {
    for (order, answer) in orders.iter().zip(answers).filter(|(_, answer)| **answer == Holding::Held) {
        if let Err(refused) = redeeming.take(&order.redeems) {
            *answer = Holding::Refused(match refused {
                NotRedeemed::Code(why) => Refusal::DiscountCode { why },
                NotRedeemed::Card(_) => Refusal::GiftCard,
            });
        }
    }
}

/// Deals copies out in order of arrival; an order whose lines are not all there takes none.
pub(super) fn refuse_unserved(orders: &[&NewOrder], answers: &mut [Holding], available: impl Fn(u64) -> i32) {
    let mut left: HashMap<u64, i32> = HashMap::new();
    for (order, answer) in orders.iter().zip(answers).filter(|(_, answer)| **answer == Holding::Held) {
        let mut wanted: BTreeMap<u64, i32> = BTreeMap::new();
        for line in &order.lines {
            *wanted.entry(line.edition).or_default() += line.quantity;
        }
        let mut left_of = |edition: u64| *left.entry(edition).or_insert_with(|| available(edition));
        let missing = wanted.iter().find(|(edition, quantity)| left_of(**edition) < **quantity);
        if let Some((edition, _)) = missing {
            let left = left_of(*edition);
            *answer = Holding::Refused(Refusal::SoldOut { edition: *edition, left });
        } else {
            for (edition, quantity) in wanted {
                left.entry(edition).and_modify(|left| *left -= quantity);
            }
        }
    }
}

/// Who was refused for the sake of somebody who has turned out to get nothing is to look again. Of an edition that is
/// not locked nothing is `available`: nobody was to get it.
pub(super) fn reconsider(
    orders: &[&NewOrder],
    answers: &mut [Holding],
    redeeming: &mut Redeeming,
    available: impl Fn(u64) -> i32,
) {
    let wanted = |order: &NewOrder, edition: u64| -> i32 {
        order.lines.iter().filter(|line| line.edition == edition).map(|line| line.quantity).sum()
    };
    let held = chosen(orders, answers, |answer| *answer == Holding::Held);
    for (order, answer) in orders.iter().zip(answers) {
        let Holding::Refused(refusal) = *answer else { continue };
        let can_be_had = match refusal {
            Refusal::SoldOut { edition, .. } => {
                let taken: i32 = held.iter().map(|order| wanted(order, edition)).sum();
                available(edition) - taken >= wanted(order, edition)
            }
            Refusal::DiscountCode { .. } | Refusal::GiftCard => redeeming.could_take(&order.redeems),
        };
        if can_be_had {
            *answer = Holding::Taken;
        }
    }
}
