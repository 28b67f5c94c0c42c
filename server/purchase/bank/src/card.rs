//! Test cards, their tokens, and the checks of a card form. A number never leaves this file.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What the bank does with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Authorised at once.
    Pays,
    /// `card_declined`, with its `decline_code` and what the shopper is told.
    Declines(&'static str, &'static str),
    /// The holder must first confirm that it is them (as 3-D Secure).
    Asks,
    /// Authorised only after a delay.
    Slow,
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

/// The cards that work here. All but the slow one behave likewise in Stripe's test mode.
pub const CARDS: [TestCard; 5] = [
    TestCard { number: "4242424242424242", token: "pm_card_visa", behaviour: Behaviour::Pays, hint: "is paid" },
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

/// What a shopper typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CardForm {
    pub number: String,
    pub expiry: String,
    pub cvc: String,
    pub name: String,
}

/// What is wrong with each field of the form, in words for the shopper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors {
    pub number: Option<&'static str>,
    pub expiry: Option<&'static str>,
    pub cvc: Option<&'static str>,
    pub name: Option<&'static str>,
}

impl CardForm {
    /// Checks the form at a moment, in unix seconds.
    pub fn check(&self, now: i64) -> Result<Method, FieldErrors> {
        let number: String = self.number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let errors = FieldErrors {
            number: (!is_card_number(&number)).then_some("This is no valid card number."),
            expiry: expiry_error(&self.expiry, now),
            cvc: (!(3..=4).contains(&self.cvc.trim().len()) || !digits(self.cvc.trim()))
                .then_some("Give the 3 or 4 digits of the security code."),
            name: match self.name.trim().chars().count() {
                0 => Some("Give the name that stands on the card."),
                1..=200 => None,
                _ => Some("This name is too long."),
            },
        };
        if errors != FieldErrors::default() {
            return Err(errors);
        }
        let known = CARDS.iter().find(|card| card.number == number);
        let behaviour = known.map_or(
            Behaviour::Declines(
                "test_mode_live_card",
                "Your card was declined: this is a test bank, and takes only its test cards.",
            ),
            |card| card.behaviour,
        );
        Ok(Method::of(crate::id::fresh("pm_", 24), &number, behaviour))
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// 12 to 19 digits that pass the Luhn check.
fn is_card_number(number: &str) -> bool {
    if !(12..=19).contains(&number.len()) || !digits(number) {
        return false;
    }
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match place % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// `MM/YY` or `MM/YYYY`, good to the end of its month.
fn expiry_error(text: &str, now: i64) -> Option<&'static str> {
    const FORM: Option<&str> = Some("Give month and year, such as 04/30.");
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let Some((month, year)) = compact.split_once('/') else {
        return FORM;
    };
    if !digits(month) || !digits(year) || month.len() > 2 || ![2, 4].contains(&year.len()) {
        return FORM;
    }
    let (Ok(month), Ok(mut year)) = (month.parse::<u8>(), year.parse::<i32>()) else {
        return FORM;
    };
    if !(1..=12).contains(&month) {
        return FORM;
    }
    if year < 100 {
        year += 2000;
    }
    let Ok(today) = OffsetDateTime::from_unix_timestamp(now) else {
        return FORM;
    };
    ((year, month) < (today.year(), u8::from(today.month()))).then_some("This card has expired.")
}

#[cfg(test)]
mod tests {
    use super::{Behaviour, CARDS, CardForm, Method, is_card_number};

    const NOVEMBER_2026: i64 = 1_795_000_000;

    fn form(number: &str, expiry: &str, cvc: &str) -> CardForm {
        CardForm {
            number: number.to_owned(),
            expiry: expiry.to_owned(),
            cvc: cvc.to_owned(),
            name: "A Reader".to_owned(),
        }
    }

    #[test]
    fn every_test_card_is_valid_and_behaves() {
        for card in &CARDS {
            assert!(is_card_number(card.number), "{}", card.number);
            let typed = form(card.number, "12/30", "123").check(NOVEMBER_2026).unwrap();
            assert_eq!(typed.behaviour, card.behaviour);
            assert_eq!(Method::from_token(card.token).unwrap().behaviour, card.behaviour);
            assert!(card.number.ends_with(&typed.face.last4));
        }
    }

    #[test]
    fn spaces_and_hyphens_are_no_matter_and_other_cards_are_declined() {
        let method = form("4242 4242-4242 4242", " 1 / 2030 ", "1234").check(NOVEMBER_2026).unwrap();
        assert_eq!(method.behaviour, Behaviour::Pays);
        let other = form("4111111111111111", "12/30", "123").check(NOVEMBER_2026).unwrap();
        assert!(matches!(other.behaviour, Behaviour::Declines("test_mode_live_card", _)));
    }

    #[test]
    fn wrong_fields_are_named_one_by_one() {
        let errors = form("4242424242424241", "13/30", "12").check(NOVEMBER_2026).unwrap_err();
        assert!(errors.number.is_some() && errors.expiry.is_some() && errors.cvc.is_some());
        assert!(errors.name.is_none());
        for past in ["10/26", "01/2020", "", "1226", "4/5", "-1/30", "٤/30"] {
            let errors = form("4242424242424242", past, "123").check(NOVEMBER_2026).unwrap_err();
            assert!(errors.expiry.is_some(), "{past}");
        }
        assert!(form("4242424242424242", "11/26", "123").check(NOVEMBER_2026).is_ok());
        assert!(CardForm::default().check(NOVEMBER_2026).unwrap_err().name.is_some());
    }
}
