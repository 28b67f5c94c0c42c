//! What orders redeem, a discount code and a part of a gift card each, moved together: codes are locked first, then
//! cards, and whoever needs the stock locks it after both.

use std::collections::BTreeSet;

use sqlx::MySqlConnection;
use uuid::Uuid;

use super::cards::{self, CardMovement, CardRefused, CardUse, CardUseState, LockedCards};
use super::codes::{self, CodeMovement, CodeRefused, CodeUse, CodeUseState, LockedCodes};
use crate::Error;
use crate::order::LockedOrder;

/// What an order redeems.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Redemption {
    pub code: Option<CodeUse>,
    pub card: Option<CardUse>,
}

/// Why an order cannot redeem what it wants to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotRedeemed {
    Code(CodeRefused),
    Card(CardRefused),
}

/// Codes and cards under their locks, dealt out to those who wait, in order of arrival.
pub(crate) struct Redeeming {
    codes: LockedCodes,
    cards: LockedCards,
    code_deal: codes::Deal,
    card_deal: cards::Deal,
}

impl Redeeming {
    /// Locks what these orders want.
    pub(crate) async fn lock(connection: &mut MySqlConnection, wanted: &[&Redemption]) -> Result<Self, Error> {
        let uses: Vec<CodeUse> = wanted.iter().filter_map(|wanted| wanted.code).collect();
        let codes = codes::lock(connection, &uses.iter().map(|wanted| wanted.code).collect()).await?;
        let code_deal = codes::deal(connection, &codes, &uses).await?;
        let parts = wanted.iter().filter_map(|wanted| wanted.card);
        let cards = cards::lock(connection, &parts.map(|wanted| wanted.card).collect()).await?;
        let card_deal = cards.deal();
        Ok(Self { codes, cards, code_deal, card_deal })
    }

    /// Takes what an order wants if all of it can be had, else nothing.
    pub(crate) fn take(&mut self, wanted: &Redemption) -> Result<(), NotRedeemed> {
        if let Some(code) = &wanted.code {
            self.code_deal.take(code).map_err(NotRedeemed::Code)?;
        }
        let Some(card) = &wanted.card else { return Ok(()) };
        self.card_deal.take(card).map_err(|refused| {
            wanted.code.iter().for_each(|code| self.code_deal.put_back(code));
            NotRedeemed::Card(refused)
        })
    }

    /// Puts back what an order has taken that gets nothing after all.
    pub(crate) fn put_back(&mut self, taken: &Redemption) {
        taken.code.iter().for_each(|code| self.code_deal.put_back(code));
        taken.card.iter().for_each(|card| self.card_deal.put_back(card));
    }

    /// Whether an order could have what it wants; takes nothing.
    pub(crate) fn could_take(&mut self, wanted: &Redemption) -> bool {
        let could = self.take(wanted).is_ok();
        if could {
            self.put_back(wanted);
        }
        could
    }

    /// Holds what these orders have taken.
    pub(crate) async fn hold(mut self, connection: &mut MySqlConnection, taken: &[&Redemption]) -> Result<(), Error> {
        let uses: Vec<CodeUse> = taken.iter().filter_map(|taken| taken.code).collect();
        codes::change(connection, &mut self.codes, CodeMovement::Held, &uses).await?;
        let parts: Vec<CardUse> = taken.iter().filter_map(|taken| taken.card).collect();
        cards::change(connection, &mut self.cards, CardMovement::Held, &parts, "shopper").await
    }
}

/// Holds anew what a locked order had released, by whom, if all of it can be had; else nothing.
pub(crate) async fn hold_again(connection: &mut MySqlConnection, order: Uuid, by: &str) -> Result<bool, Error> {
    let orders = BTreeSet::from([order]);
    let codes = codes::uses_of(connection, &orders, CodeUseState::Released).await?;
    let cards = cards::uses_of(connection, &orders, CardUseState::Released).await?;
    let wanted = Redemption { code: codes.first().copied(), card: cards.first().copied() };
    let mut redeeming = Redeeming::lock(connection, &[&wanted]).await?;
    if redeeming.take(&wanted).is_err() {
        return Ok(false);
    }
    codes::change(connection, &mut redeeming.codes, CodeMovement::HeldAgain, &codes).await?;
    cards::change(connection, &mut redeeming.cards, CardMovement::HeldAgain, &cards, by).await?;
    Ok(true)
}

/// What becomes of what orders have redeemed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Redeemed {
    /// The orders are sold.
    Spent,
    /// They have ended unpaid, or are in doubt.
    Released,
    /// They were sold, and are given back.
    GivenBack,
}

/// Moves what these locked orders have redeemed; `by` is who did it.
pub(crate) async fn end(
    connection: &mut MySqlConnection,
    orders: &[&LockedOrder],
    end: Redeemed,
    by: &str,
) -> Result<(), Error> {
    let orders: BTreeSet<Uuid> = orders.iter().filter(|order| order.redeems).map(|order| order.id).collect();
    if orders.is_empty() {
        return Ok(());
    }
    let (code_state, code_movement, card_state, card_movement) = match end {
        Redeemed::Spent => (CodeUseState::Held, CodeMovement::Used, CardUseState::Held, CardMovement::Spent),
        Redeemed::Released => (CodeUseState::Held, CodeMovement::Released, CardUseState::Held, CardMovement::Released),
        Redeemed::GivenBack => {
            (CodeUseState::Used, CodeMovement::GivenBack, CardUseState::Spent, CardMovement::GivenBack)
        }
    };
    let uses = codes::uses_of(connection, &orders, code_state).await?;
    let parts = cards::uses_of(connection, &orders, card_state).await?;
    let mut codes = codes::lock(connection, &uses.iter().map(|taken| taken.code).collect()).await?;
    let mut cards = cards::lock(connection, &parts.iter().map(|taken| taken.card).collect()).await?;
    codes::change(connection, &mut codes, code_movement, &uses).await?;
    cards::change(connection, &mut cards, card_movement, &parts, by).await
}
