//! What opens an attempt at the bank: the exact bytes, which are stored with it.

use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::money::Money;
use crate::order::OrderLink;
use crate::payment::{IntentRequest, SessionRequest};
use crate::purchase::Purchase;

/// What an attempt is opened with.
pub(crate) struct Opening<'a> {
    pub attempt: Uuid,
    pub order_number: &'a str,
    pub link: OrderLink,
    pub email: &'a str,
    /// What an API client pays with; else the shopper pays on the bank's page.
    pub method: Option<&'a str>,
    /// For the bank's page: title, copies, price of one in minor units.
    pub lines: Vec<(&'a str, i32, i64)>,
    /// For the bank's page: what delivery costs, in minor units.
    pub shipping: i64,
    pub amount: Money,
    /// When the bank closes its page.
    pub expires_at: PrimitiveDateTime,
}

impl Purchase {
    pub(crate) fn opening_body(&self, opening: Opening<'_>) -> String {
        let Opening { attempt, order_number, link, email, method, lines, shipping, amount, expires_at } = opening;
        if method.is_some() {
            return self.bank().intent_body(&IntentRequest { attempt, order_number, email, amount });
        }
        let delivery = Some(("Delivery", 1, shipping)).filter(|(_, _, price)| *price > 0);
        let price = |minor| Money::new(minor, amount.currency());
        self.bank().session_body(&SessionRequest {
            attempt,
            order_number,
            return_url: &format!("{}/order/{link}", self.settings().public_url),
            email,
            lines: lines
                .into_iter()
                .chain(delivery)
                .map(|(title, quantity, minor)| (title, quantity, price(minor)))
                .collect(),
            amount,
            expires_at: expires_at.assume_utc(),
        })
    }
}
