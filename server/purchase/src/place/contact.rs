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
    /// Country.
    Country,
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

/// What the shopper typed.
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
    /// ISO 3166 code of the country.
    pub country: String,
}

/// Where an order goes: trimmed, within the columns' lengths, without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) street: String,
    pub(crate) postcode: String,
    pub(crate) city: String,
    pub(crate) country: String,
}

/// The countries that the shop delivers to, by name: code and name.
pub const COUNTRIES: [(&str, &str); 12] = [
    ("AT", "Austria"),
    ("BE", "Belgium"),
    ("FR", "France"),
    ("DE", "Germany"),
    ("IE", "Ireland"),
    ("IT", "Italy"),
    ("LU", "Luxembourg"),
    ("NL", "Netherlands"),
    ("PT", "Portugal"),
    ("ES", "Spain"),
    ("CH", "Switzerland"),
    ("GB", "United Kingdom"),
];

/// The name of a country that the shop delivers to; the code itself for any other.
#[must_use]
pub fn country_name(code: &str) -> &str {
    COUNTRIES.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
}

impl Contact {
    /// Checks what the shopper typed.
    ///
    /// # Errors
    /// Every field that cannot be accepted, in the form's order, and why.
    pub fn parse(form: &ContactForm) -> Result<Self, Vec<(ContactField, ContactProblem)>> {
        let mut refused = Vec::new();
        let mut take = |field, text: &str, longest, fits: fn(&str) -> bool| {
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
            country: take(ContactField::Country, &form.country, 2, |text| {
                COUNTRIES.iter().any(|(code, _)| *code == text)
            }),
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
            country: "AT".into(),
        }
    }

    #[test]
    fn a_full_address_is_taken_trimmed() {
        assert_eq!(Contact::parse(&form()).unwrap().email, "ada@example.org");
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        use ContactField::*;
        let refused = Contact::parse(&ContactForm::default()).unwrap_err();
        let missing = [Email, Name, Street, Postcode, City, Country].map(|field| (field, ContactProblem::Missing));
        assert_eq!(refused, missing);
    }

    /// SECURITY 55.
    #[test]
    fn a_line_break_in_a_name_never_gets_as_far_as_a_mail() {
        let name = "Ada\r\nBcc: all@example.org".into();
        let refused = Contact::parse(&ContactForm { name, ..form() }).unwrap_err();
        assert_eq!(refused, [(ContactField::Name, ContactProblem::Malformed)]);
    }

    #[test]
    fn a_country_that_is_not_delivered_to_is_refused() {
        let refused = Contact::parse(&ContactForm { country: "XX".into(), ..form() }).unwrap_err();
        assert_eq!(refused, [(ContactField::Country, ContactProblem::Malformed)]);
    }

    #[test]
    fn a_field_that_would_not_fit_is_too_long() {
        let street = "x".repeat(201);
        let refused = Contact::parse(&ContactForm { street, ..form() }).unwrap_err();
        assert_eq!(refused, [(ContactField::Street, ContactProblem::TooLong)]);
    }
}
