//! The proofs of who is calling. Only this crate makes them, and only from a live session: a function that
//! takes one cannot be reached by somebody who is not that.

use std::fmt;

use uuid::Uuid;

use crate::email::fold;

/// Names whoever fills a basket, signed in or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShopperId(pub(crate) Uuid);

/// Names an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CustomerId(pub(crate) Uuid);

/// Somebody who holds the 128-bit link to an order's page, and may therefore see the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderHolder(Uuid);

impl OrderHolder {
    /// Whoever asks for this link: 32 hexadecimal digits. Whether there is an order behind it, purchase knows.
    #[must_use]
    pub fn of_link(link: &str) -> Option<Self> {
        // Other spellings of a UUID are not what we put into addresses.
        (link.len() == 32).then(|| Uuid::try_parse(link).ok().map(Self))?
    }

    /// The link.
    #[must_use]
    pub fn link(self) -> Uuid {
        self.0
    }
}

impl ShopperId {
    /// The bare number, to store.
    #[must_use]
    pub fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl CustomerId {
    /// The bare number, to store.
    #[must_use]
    pub fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for ShopperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Somebody with an account who is signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Customer {
    pub(crate) id: CustomerId,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) email_proved: bool,
    pub(crate) shopper_id: ShopperId,
}

impl Customer {
    /// The account.
    #[must_use]
    pub fn id(&self) -> CustomerId {
        self.id
    }

    /// What to call them.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Their e-mail address, as they typed it.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// What they may claim as the owner of their address; `None` until they have proved that it is theirs.
    #[must_use]
    pub fn address_owner(&self) -> Option<AddressOwner> {
        self.email_proved.then(|| AddressOwner::of(self))
    }

    /// The shopper that this account is, wherever it signs in.
    #[must_use]
    pub fn shopper_id(&self) -> ShopperId {
        self.shopper_id
    }
}

/// Leaves name and address out, so that neither gets into a log.
impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer").field("id", &self.id).field("shopper_id", &self.shopper_id).finish_non_exhaustive()
    }
}

/// A customer who has proved that mail to their address reaches them.
#[derive(Clone, PartialEq, Eq)]
pub struct AddressOwner {
    customer: CustomerId,
    email_folded: String,
}

impl AddressOwner {
    pub(crate) fn of(customer: &Customer) -> Self {
        Self { customer: customer.id, email_folded: fold(&customer.email) }
    }

    /// The account.
    #[must_use]
    pub fn customer(&self) -> CustomerId {
        self.customer
    }

    /// The address, in the form in which addresses are compared.
    #[must_use]
    pub fn email_folded(&self) -> &str {
        &self.email_folded
    }

    /// Whether this is a spelling of the address, and not only one that looks like it.
    #[must_use]
    pub fn owns(&self, email: &str) -> bool {
        fold(email) == self.email_folded
    }
}

/// Leaves the address out, so that it gets into no log.
impl fmt::Debug for AddressOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressOwner").field("customer", &self.customer).finish_non_exhaustive()
    }
}

/// Somebody who may have a basket: a guest, or a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shopper {
    id: ShopperId,
    customer: Option<Customer>,
}

impl Shopper {
    pub(crate) fn guest(id: ShopperId) -> Self {
        Self { id, customer: None }
    }

    /// The guest's own id, or the account's.
    #[must_use]
    pub fn id(&self) -> ShopperId {
        self.id
    }

    /// The account, if this shopper is signed in.
    #[must_use]
    pub fn customer(&self) -> Option<&Customer> {
        self.customer.as_ref()
    }
}

impl From<Customer> for Shopper {
    fn from(customer: Customer) -> Self {
        Self { id: customer.shopper_id, customer: Some(customer) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_owners_however_it_is_spelt_and_no_other_that_looks_like_it() {
        let customer = Customer {
            id: CustomerId(Uuid::now_v7()),
            name: String::new(),
            email: "Jörg@Example.org".to_owned(),
            email_proved: false,
            shopper_id: ShopperId(Uuid::now_v7()),
        };
        assert_eq!(customer.address_owner(), None);
        let owner = Customer { email_proved: true, ..customer }.address_owner().unwrap();
        for own in ["jörg@example.org", " JÖRG@EXAMPLE.ORG "] {
            assert!(owner.owns(own), "{own}");
        }
        for other in ["jorg@example.org", "jo\u{308}rg@example.org", "joerg@example.org", "jörg@example.orɡ", ""] {
            assert!(!owner.owns(other), "{other}");
        }
        assert!(!format!("{owner:?}").contains("example"));
    }

    #[test]
    fn only_a_links_own_spelling_makes_a_holder() {
        let link = Uuid::now_v7();
        assert_eq!(OrderHolder::of_link(&link.simple().to_string()).map(OrderHolder::link), Some(link));
        for nonsense in ["", "1", "../etc/passwd", &"g".repeat(32), &link.to_string()] {
            assert_eq!(OrderHolder::of_link(nonsense), None);
        }
    }
}
