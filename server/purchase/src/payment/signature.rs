//! The bank's signature on its webhooks, over the raw body: `t=<unix seconds>,v1=<hex>[,v1=…]`.
//! The scheme: <https://docs.stripe.com/webhooks#verify-manually>.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// How far the bank's clock and ours may be apart, in seconds.
const WINDOW: i64 = 300;

/// Why a signature is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is missing or cannot be read.
    #[error("the signature header is missing or malformed")]
    Malformed,
    /// No signature in the header is the bank's.
    #[error("no signature matches")]
    Forged,
    /// Signed too long ago, or in the future.
    #[error("the signature's time is out of the window")]
    Stale,
}

/// Checks that the bank signed `body` at about `now` (unix seconds). Any of the `v1` signatures may match, so
/// that secrets can be rotated; other schemes are ignored.
///
/// # Errors
/// Why it is not believed.
pub fn verify(secret: &SecretString, header: &str, body: &[u8], now: i64) -> Result<(), SignatureError> {
    let mut signed_at = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", text)) => signed_at = text.parse::<i64>().ok(),
            Some(("v1", text)) => signatures.push(text),
            _ => {}
        }
    }
    let signed_at = signed_at.ok_or(SignatureError::Malformed)?;
    if signatures.is_empty() {
        return Err(SignatureError::Malformed);
    }
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .map_err(|_| SignatureError::Malformed)?
        .chain_update(format!("{signed_at}."))
        .chain_update(body);
    let genuine = signatures
        .iter()
        .filter_map(|text| hex::decode(text).ok())
        // `verify_slice` compares in constant time.
        .any(|signature| mac.clone().verify_slice(&signature).is_ok());
    if !genuine {
        return Err(SignatureError::Forged);
    }
    if now.abs_diff(signed_at) > WINDOW.unsigned_abs() {
        return Err(SignatureError::Stale);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(secret: &str, body: &[u8], at: i64) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .unwrap()
            .chain_update(format!("{at}."))
            .chain_update(body);
        format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    fn check(header: &str, body: &[u8], now: i64) -> Result<(), SignatureError> {
        verify(&SecretString::from("whsec_shop"), header, body, now)
    }

    #[test]
    fn the_banks_signature_is_believed() {
        let header = sign("whsec_shop", b"{}", 1000);
        assert_eq!(check(&header, b"{}", 1100), Ok(()));
    }

    #[test]
    fn one_of_two_signatures_is_enough_while_a_secret_is_rotated() {
        let old = sign("whsec_old", b"{}", 1000);
        let new = sign("whsec_shop", b"{}", 1000);
        let both = format!("{old},{}", new.split_once(',').unwrap().1);
        assert_eq!(check(&both, b"{}", 1000), Ok(()));
    }

    #[test]
    fn another_body_another_secret_or_another_scheme_is_forged() {
        let header = sign("whsec_shop", b"{}", 1000);
        assert_eq!(check(&header, b"{ }", 1000), Err(SignatureError::Forged));
        assert_eq!(check(&sign("guess", b"{}", 1000), b"{}", 1000), Err(SignatureError::Forged));
        let downgraded = header.replace("v1=", "v0=");
        assert_eq!(check(&downgraded, b"{}", 1000), Err(SignatureError::Malformed));
    }

    #[test]
    fn an_old_signature_is_stale_and_nonsense_is_malformed() {
        let header = sign("whsec_shop", b"{}", 1000);
        assert_eq!(check(&header, b"{}", 1301), Err(SignatureError::Stale));
        for nonsense in ["", "t=,v1=", "v1=00", "t=abc,v1=00", "=,=,="] {
            assert_eq!(check(nonsense, b"{}", 1000), Err(SignatureError::Malformed));
        }
    }
}
