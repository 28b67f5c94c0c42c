//! E-mail addresses: which ones are taken, and when two are the same.

use email_address::{EmailAddress, Options};

/// RFC 5321's longest address, in bytes.
const MAX_BYTES: usize = 254;

/// Why an address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailProblem {
    /// There is none.
    Missing,
    /// No mail could reach it.
    Malformed,
    /// Longer than 254 bytes.
    TooLong,
}

/// An address that mail may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email {
    typed: String,
}

impl Email {
    pub(crate) fn parse(typed: &str) -> Result<Self, EmailProblem> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(EmailProblem::Missing);
        }
        if typed.len() > MAX_BYTES {
            return Err(EmailProblem::TooLong);
        }
        let options = Options::default().without_display_text().without_domain_literal();
        let address = EmailAddress::parse_with_options(typed, options).map_err(|_| EmailProblem::Malformed)?;
        // Quoted local parts are lawful, nobody has one, and they let spaces and a second @ in.
        let quoted = typed.chars().any(|c| c == '"' || c.is_whitespace() || c.is_control());
        let domain = address.domain();
        if quoted || !(domain.contains('.') || domain.eq_ignore_ascii_case("localhost")) {
            return Err(EmailProblem::Malformed);
        }
        Ok(Self { typed: typed.to_owned() })
    }

    /// As its owner wrote it.
    pub(crate) fn typed(&self) -> &str {
        &self.typed
    }

    /// As it is compared.
    pub(crate) fn folded(&self) -> String {
        fold(&self.typed)
    }

    /// What stands before the @.
    pub(crate) fn local_part(&self) -> &str {
        self.typed.rsplit_once('@').map_or(&self.typed, |(local, _)| local)
    }
}

/// Whether mail may reach this address, for those who take one without an account.
///
/// # Errors
/// Why not.
pub fn check_email(typed: &str) -> Result<(), EmailProblem> {
    Email::parse(typed).map(|_| ())
}

/// The form in which two spellings of one address are equal.
pub(crate) fn fold(email: &str) -> String {
    email.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_addresses_are_taken_as_typed() {
        for typed in ["Ada@example.org", "a.b+books@sub.example.co.uk", "root@localhost", "jörg@bücher.example"] {
            assert_eq!(Email::parse(typed).unwrap().typed(), typed);
        }
        assert_eq!(Email::parse("  ada@example.org\n").unwrap().typed(), "ada@example.org");
    }

    #[test]
    fn nothing_is_no_address() {
        assert_eq!(Email::parse("  "), Err(EmailProblem::Missing));
    }

    #[test]
    fn what_no_mail_can_reach_is_malformed() {
        for typed in [
            "ada",
            "@example.org",
            "ada@",
            "ada@example",
            "ada@@example.org",
            "a@b@example.org",
            "ada smith@example.org",
            "ada@exa mple.org",
            "ada@example.org\r\nBcc: eve@example.org",
            "\0@example.org",
            "\"ada smith\"@example.org",
            "Ada <ada@example.org>",
            "ada@[127.0.0.1]",
            "ada@.example.org",
        ] {
            assert_eq!(Email::parse(typed), Err(EmailProblem::Malformed), "{typed:?}");
        }
    }

    #[test]
    fn an_address_of_more_than_254_bytes_is_too_long() {
        let long = format!("ada@{}.org", "a.".repeat(125));
        assert_eq!(Email::parse(&long), Err(EmailProblem::TooLong));
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_one_line_with_one_at(
            typed in "[a-zé .\"<>(),;:\\PC]{1,8}@{1,2}[a-z0-9.\\- ]{1,8}(\\.org)?[\r\n]?",
        ) {
            if let Ok(email) = Email::parse(&typed) {
                prop_assert_eq!(email.typed().matches('@').count(), 1);
                prop_assert!(!email.typed().contains(char::is_whitespace));
                prop_assert!(!email.typed().contains(char::is_control));
            }
        }

        #[test]
        fn folding_twice_changes_nothing_and_fits_the_column(local in "\\p{L}{1,60}") {
            let folded = fold(&format!(" {local}@example.org"));
            prop_assert_eq!(fold(&folded), folded.clone());
            prop_assert!(folded.chars().count() <= MAX_BYTES);
        }
    }
}
