//! What a shopper types on the hosted page, and the checks of it.

use serde::Deserialize;
use time::OffsetDateTime;

use super::{Behaviour, CARDS, Method};

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
    use super::*;
    use crate::card::Sequel;

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
        assert_eq!(method.behaviour, Behaviour::Pays(Sequel::Nothing));
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
