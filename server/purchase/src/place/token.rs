//! The checkout form's token: derived from what would be ordered, so that every tab that shows the same basket
//! carries the same one, and a GET has nothing to write.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;

use crate::money::Money;

/// 256 bits that only the shop can make; unique on the order for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token([u8; 32]);

impl Token {
    /// The token of a basket's version at a total of which `to_pay` is left to pay.
    pub(crate) fn derive(secret: &SecretString, basket: Uuid, version: u32, total: Money, to_pay: Money) -> Self {
        // HMAC takes a key of any length, so this cannot fail.
        #[expect(clippy::expect_used, reason = "HMAC-SHA256 accepts keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("any key length");
        mac.update(b"octavo checkout 1");
        mac.update(basket.as_bytes());
        mac.update(&version.to_be_bytes());
        for money in [total, to_pay] {
            mac.update(&money.minor().to_be_bytes());
            mac.update(money.currency().code().as_bytes());
        }
        Self(mac.finalize().into_bytes().into())
    }

    /// Reads the form's spelling: 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn token(basket: u128, version: u32, cents: i64) -> Token {
        let secret = SecretString::from("a secret of a shop");
        let total = Money::new(cents, Currency::Eur);
        Token::derive(&secret, Uuid::from_u128(basket), version, total, total)
    }

    #[test]
    fn the_same_wish_has_the_same_token_and_any_change_another() {
        assert_eq!(token(1, 1, 100), token(1, 1, 100));
        assert_ne!(token(1, 1, 100), token(2, 1, 100));
        assert_ne!(token(1, 1, 100), token(1, 2, 100));
        assert_ne!(token(1, 1, 100), token(1, 1, 101));
    }

    #[test]
    fn a_token_survives_the_form_and_nonsense_does_not_parse() {
        let token = token(1, 1, 100);
        assert_eq!(Token::parse(&token.to_string()), Some(token));
        for nonsense in ["", "abc", "zz", &"f".repeat(63), &"f".repeat(66)] {
            assert_eq!(Token::parse(nonsense), None);
        }
    }
}
