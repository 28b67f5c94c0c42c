//! Dealing out what is left on cards to those who wait, in order of arrival.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{CardRefused, CardUse, LockedCards};
use crate::money::Money;

/// What is left on locked cards while a batch is worked out. It writes nothing: [`change()`](super::change()) does.
#[derive(Debug)]
pub struct Deal(BTreeMap<Uuid, Money>);

impl LockedCards {
    /// Begins to deal.
    #[must_use]
    pub fn deal(&self) -> Deal {
        // Cannot overflow: the table's checks keep both parts within what was issued.
        let left = |card: &super::lock::Card| Money::new(card.issued - card.held - card.spent, card.currency);
        Deal(self.0.values().map(|card| (card.id, left(card))).collect())
    }
}

impl Deal {
    /// Sets a part aside, if so much is left after what was dealt before.
    ///
    /// # Errors
    /// Why it cannot be; nothing is set aside then.
    pub fn take(&mut self, wanted: &CardUse) -> Result<(), CardRefused> {
        let left = self.0.get_mut(&wanted.card).ok_or(CardRefused::Unknown)?;
        if left.currency() != wanted.amount.currency() {
            return Err(CardRefused::WrongCurrency);
        }
        let rest = left.minor().checked_sub(wanted.amount.minor()).filter(|rest| *rest >= 0);
        let Some(rest) = rest else {
            return Err(if left.minor() == 0 { CardRefused::Empty } else { CardRefused::NotEnough { left: *left } });
        };
        *left = Money::new(rest, left.currency());
        Ok(())
    }

    /// Puts a part that was taken back, for the next in the queue.
    pub fn put_back(&mut self, taken: &CardUse) {
        if let Some(left) = self.0.get_mut(&taken.card) {
            *left = left.plus(taken.amount).unwrap_or(*left);
        }
    }
}
