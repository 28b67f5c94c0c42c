//! Checkout Sessions: <https://docs.stripe.com/api/checkout/sessions>

use serde::Deserialize;

use super::client::form;
use crate::money::Money;
use crate::payment::{BankError, Session, SessionRequest, SessionState};

#[derive(Deserialize)]
pub(super) struct SessionJson {
    id: String,
    url: Option<String>,
    status: String,
    payment_intent: Option<String>,
}

impl TryFrom<SessionJson> for Session {
    type Error = BankError;

    fn try_from(json: SessionJson) -> Result<Self, BankError> {
        let state = match (json.status.as_str(), json.payment_intent) {
            ("open", _) => SessionState::Open,
            ("expired", _) => SessionState::Expired,
            ("complete", Some(intent)) => SessionState::Complete { intent },
            (status, _) => return Err(BankError::Unclear(format!("a session in state {status}"))),
        };
        Ok(Self { id: json.id, url: json.url, state })
    }
}

/// The form that opens a page.
pub(super) fn body(request: &SessionRequest<'_>) -> String {
    let attempt = request.attempt.to_string();
    let paid_url = format!("{}?paid", request.return_url);
    let mut fields: Vec<(String, String)> = [
        ("mode", "payment"),
        ("success_url", &paid_url),
        ("cancel_url", request.return_url),
        ("client_reference_id", request.order_number),
        ("customer_email", request.email),
        ("payment_intent_data[capture_method]", "manual"),
        ("payment_intent_data[metadata][attempt]", &attempt),
        ("payment_intent_data[metadata][order]", request.order_number),
        ("metadata[attempt]", &attempt),
        ("metadata[order]", request.order_number),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    fields.push(("expires_at".into(), request.expires_at.unix_timestamp().to_string()));
    let whole = format!("Order {}", request.order_number);
    let sum = Money::sum(request.lines.iter().map(|(_, quantity, price)| price.times(*quantity)));
    // The bank takes no line below zero, so what is taken off can only be shown in one sum.
    let lines =
        if sum == Some(request.amount) { request.lines.clone() } else { vec![(whole.as_str(), 1, request.amount)] };
    for (position, (title, quantity, price)) in lines.into_iter().enumerate() {
        let mut line = |name: &str, value: String| fields.push((format!("line_items[{position}]{name}"), value));
        line("[quantity]", quantity.to_string());
        line("[price_data][currency]", price.currency().code().to_lowercase());
        line("[price_data][unit_amount]", price.minor().to_string());
        line("[price_data][product_data][name]", title.to_owned());
    }
    form(&fields)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::money::Currency;

    fn fields(amount: i64) -> Vec<(String, String)> {
        let request = SessionRequest {
            attempt: uuid::Uuid::from_u128(7),
            order_number: "7F3K-9Q2M",
            return_url: "http://shop/order/1",
            email: "ada@example.org",
            lines: vec![("Emma & Co", 2, Money::new(990, Currency::Eur))],
            amount: Money::new(amount, Currency::Eur),
            expires_at: datetime!(2026-01-01 00:00 UTC),
        };
        assert_eq!(body(&request), body(&request), "the same request has the same bytes");
        serde_urlencoded::from_str(&body(&request)).unwrap()
    }

    fn has(fields: &[(String, String)], name: &str, value: &str) -> bool {
        fields.contains(&(name.into(), value.into()))
    }

    #[test]
    fn every_line_is_shown_where_they_add_up_to_what_is_paid() {
        let fields = fields(1980);
        assert!(has(&fields, "line_items[0][price_data][product_data][name]", "Emma & Co"));
        assert!(has(&fields, "line_items[0][price_data][unit_amount]", "990"));
        assert!(has(&fields, "line_items[0][quantity]", "2"));
        assert!(has(&fields, "payment_intent_data[capture_method]", "manual"));
        assert!(has(&fields, "expires_at", "1767225600"));
    }

    #[test]
    fn another_amount_is_shown_as_one_line_of_the_order() {
        let fields = fields(1480);
        assert!(has(&fields, "line_items[0][price_data][product_data][name]", "Order 7F3K-9Q2M"));
        assert!(has(&fields, "line_items[0][price_data][unit_amount]", "1480"));
        assert!(has(&fields, "line_items[0][quantity]", "1"));
        assert!(!fields.iter().any(|(name, _)| name.starts_with("line_items[1]")));
    }
}
