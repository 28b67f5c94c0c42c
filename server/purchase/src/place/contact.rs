//! Where an order goes and whom its mails reach: checked once, here.

/// A field of the checkout form that cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactField {
    /// The e-mail address.
    Email,
    /// The recipient's name.
    Name,
    /// Street and number.
    Street,
    /// Postcode.
    Postcode,
    /// Town.
    City,
}

/// Why a field cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactProblem {
    /// Nothing is in it.
    Missing,
    /// More characters than it may have.
    TooLong,
    /// Not what it should be.
    Malformed,
}

/// What the shopper typed. Where the books are collected, the address may be left out.
#[derive(Clone, Debug, Default)]
pub struct ContactForm {
    /// The e-mail address.
    pub email: String,
    /// The recipient's name.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Postcode.
    pub postcode: String,
    /// Town.
    pub city: String,
}

/// Where an order goes: trimmed, within the columns' lengths, without control characters. Without an address where it is
/// collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) street: String,
    pub(crate) postcode: String,
    pub(crate) city: String,
}

impl Contact {
    /// Checks what the shopper typed; `collected` orders need no address.
    ///
    /// # Errors
    /// Every field that cannot be accepted, in the form's order, and why.
    pub fn parse(form: &ContactForm, collected: bool) -> Result<Self, Vec<(ContactField, ContactProblem)>> {
        let mut refused = Vec::new();
        let mut take = |field, text: &str, longest, fits: fn(&str) -> bool| {
            let is_address = matches!(field, ContactField::Street | ContactField::Postcode | ContactField::City);
            if is_address && collected {
                return String::new();
            }
            let text = text.trim();
            let problem = if text.is_empty() {
                Some(ContactProblem::Missing)
            } else if text.chars().count() > longest {
                Some(ContactProblem::TooLong)
            } else if text.chars().any(char::is_control) || !fits(text) {
                Some(ContactProblem::Malformed)
            } else {
                None
            };
            refused.extend(problem.map(|problem| (field, problem)));
            text.to_owned()
        };
        let any = |_: &str| true;
        let contact = Self {
            email: take(ContactField::Email, &form.email, 254, |text| identity::check_email(text).is_ok()),
            name: take(ContactField::Name, &form.name, 200, any),
            street: take(ContactField::Street, &form.street, 200, any),
            postcode: take(ContactField::Postcode, &form.postcode, 20, any),
            city: take(ContactField::City, &form.city, 120, any),
        };
        if refused.is_empty() { Ok(contact) } else { Err(refused) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> ContactForm {
        ContactForm {
            email: " ada@example.org ".into(),
            name: "Ada Lovelace".into(),
            street: "12 St James's Square".into(),
            postcode: "1010".into(),
            city: "Wien".into(),
        }
    }

    #[test]
    fn a_full_address_is_taken_trimmed() {
        assert_eq!(Contact::parse(&form(), false).unwrap().email, "ada@example.org");
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        use ContactField::*;
        let refused = Contact::parse(&ContactForm::default(), false).unwrap_err();
        let missing = [Email, Name, Street, Postcode, City].map(|field| (field, ContactProblem::Missing));
        assert_eq!(refused, missing);
    }

    /// SECURITY 55.
    #[test]
    fn a_line_break_in_a_name_never_gets_as_far_as_a_mail() {
        let name = "Ada\r\nBcc: all@example.org".into();
        let refused = Contact::parse(&ContactForm { name, ..form() }, false).unwrap_err();
        assert_eq!(refused, [(ContactField::Name, ContactProblem::Malformed)]);
    }

    #[test]
    fn what_is_collected_needs_no_address_and_keeps_none() {
        use ContactField::*;
        let contact = Contact::parse(&form(), true).unwrap();
        assert_eq!((contact.name.as_str(), contact.street.as_str()), ("Ada Lovelace", ""));
        let refused = Contact::parse(&ContactForm::default(), true).unwrap_err();
        assert_eq!(refused, [Email, Name].map(|field| (field, ContactProblem::Missing)));
    }

    #[test]
    fn a_field_that_would_not_fit_is_too_long() {
        let street = "x".repeat(201);
        let refused = Contact::parse(&ContactForm { street, ..form() }, false).unwrap_err();
        assert_eq!(refused, [(ContactField::Street, ContactProblem::TooLong)]);
    }
}
