//! Test cards and their tokens. A number never leaves this room.

mod form;

use serde::{Deserialize, Serialize};

pub use form::{CardForm, FieldErrors};

/// What the bank does with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Authorised at once; and what comes later.
    Pays(Sequel),
    /// `card_declined`, with its `decline_code` and what the shopper is told.
    Declines(&'static str, &'static str),
    /// The holder must first confirm that it is them (as 3-D Secure).
    Asks,
    /// Authorised only after a delay.
    Slow,
}

/// What comes of a paid card later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sequel {
    #[default]
    Nothing,
    /// Its holder disputes the payment, soon after it was captured.
    Dispute,
    /// Its holder's bank inquires, soon after it was captured; no money is taken.
    Inquiry,
    /// Refunds are pending for a while.
    SlowRefund,
    /// Refunds succeed, and fail a while later.
    FailingRefund,
    /// The authorisation has expired when it is captured.
    Expires,
}

/// A test card.
pub struct TestCard {
    pub number: &'static str,
    pub token: &'static str,
    pub behaviour: Behaviour,
    pub hint: &'static str,
}

impl TestCard {
    /// The number in groups of four.
    pub fn spaced(&self) -> String {
        let groups: Vec<&str> =
            (0..self.number.len()).step_by(4).filter_map(|at| self.number.get(at..at + 4)).collect();
        groups.join(" ")
    }
}

const GENERIC: Behaviour = Behaviour::Declines("generic_decline", "Your card was declined.");

/// The cards that work here. All but those that end in 5001 and 5019 behave likewise in Stripe's test mode.
pub const CARDS: [TestCard; 10] = [
    TestCard {
        number: "4242424242424242",
        token: "pm_card_visa",
        behaviour: Behaviour::Pays(Sequel::Nothing),
        hint: "is paid",
    },
    TestCard {
        number: "4000000000000002",
        token: "pm_card_visa_chargeDeclined",
        behaviour: GENERIC,
        hint: "is declined",
    },
    TestCard {
        number: "4000000000009995",
        token: "pm_card_chargeDeclinedInsufficientFunds",
        behaviour: Behaviour::Declines("insufficient_funds", "Your card has insufficient funds."),
        hint: "has insufficient funds",
    },
    TestCard {
        number: "4000002500003155",
        token: "pm_card_threeDSecure2Required",
        behaviour: Behaviour::Asks,
        hint: "asks you to confirm",
    },
    TestCard {
        number: "4000000000005001",
        token: "pm_card_slow",
        behaviour: Behaviour::Slow,
        hint: "is slow: paid only some seconds after you are back at the shop",
    },
    TestCard {
        number: "4000000000005019",
        token: "pm_card_captureExpired",
        behaviour: Behaviour::Pays(Sequel::Expires),
        hint: "is authorised, but the shop can never take the money",
    },
    TestCard {
        number: "4000000000000259",
        token: "pm_card_createDispute",
        behaviour: Behaviour::Pays(Sequel::Dispute),
        hint: "is paid, and disputed some seconds after the shop has taken the money",
    },
    TestCard {
        number: "4000000000001976",
        token: "pm_card_createDisputeInquiry",
        behaviour: Behaviour::Pays(Sequel::Inquiry),
        hint: "is paid, and inquired about some seconds later",
    },
    TestCard {
        number: "4000000000007726",
        token: "pm_card_pendingRefund",
        behaviour: Behaviour::Pays(Sequel::SlowRefund),
        hint: "is paid; a refund takes some seconds",
    },
    TestCard {
        number: "4000000000005126",
        token: "pm_card_refundFail",
        behaviour: Behaviour::Pays(Sequel::FailingRefund),
        hint: "is paid; a refund fails some seconds after it has succeeded",
    },
];

/// What may be kept of a card.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Face {
    pub brand: String,
    pub last4: String,
}

/// A card that may be tried.
#[derive(Clone, Debug)]
pub struct Method {
    pub id: String,
    pub face: Face,
    pub behaviour: Behaviour,
}

impl Method {
    /// The method of a token such as `pm_card_visa`.
    pub fn from_token(token: &str) -> Option<Self> {
        let card = CARDS.iter().find(|card| card.token == token)?;
        Some(Self::of(token.to_owned(), card.number, card.behaviour))
    }

    fn of(id: String, number: &str, behaviour: Behaviour) -> Self {
        let last4 = number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned();
        let brand = match number.as_bytes() {
            [b'4', ..] => "visa",
            [b'5', ..] => "mastercard",
            [b'3', b'4' | b'7', ..] => "amex",
            _ => "unknown",
        };
        Self { id, face: Face { brand: brand.to_owned(), last4 }, behaviour }
    }
}
