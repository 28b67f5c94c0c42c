//! S2 and Q1: the bank's ledger, which outlives every crash, against the orders.

use std::collections::HashMap;

use serde_json::Value;

use crate::shop::Shop;

/// An order as it stands in the end.
#[derive(sqlx::FromRow)]
pub struct Order {
    pub link: String,
    pub token: String,
    pub state: String,
    /// What of it the bank takes.
    pub to_pay: i64,
    /// What of it a gift card pays.
    pub by_card: i64,
    pub email: String,
    /// The ids of its attempts to pay, with commas.
    attempts: String,
    /// How many of them the bank has authorised and then refused.
    pub failures: i64,
}

pub async fn orders(shop: &Shop) -> Vec<Order> {
    sqlx::query_as(
        r#"
        select lower(hex(orders.link)) as link, lower(hex(orders.token)) as token, cast(orders.state as char) as state,
               orders.total - orders.gift_card as to_pay,
               orders.gift_card as by_card, orders.email, group_concat(lower(hex(payment_attempt.id))) as attempts,
               cast(sum(payment_attempt.state = 'capture_failed') as signed) as failures
        from orders join payment_attempt on payment_attempt.order_id = orders.id group by orders.id
        "#,
    )
    .fetch_all(shop.database().pool())
    .await
    .unwrap()
}

pub fn check(orders: &[Order], ledger: &Value) -> Vec<String> {
    let mut violations = Vec::new();
    let mut payments: HashMap<String, Vec<&Value>> = HashMap::new();
    for intent in ledger["intents"].as_array().unwrap() {
        let attempt = intent["metadata"]["attempt"].as_str().unwrap_or_default().replace('-', "");
        payments.entry(attempt).or_default().push(intent);
    }
    for order in orders {
        let link = &order.link;
        let paid = order.state == "paid";
        let of_attempts: Vec<Vec<&Value>> =
            order.attempts.split(',').filter_map(|attempt| payments.remove(attempt)).collect();
        for intents in of_attempts.iter().filter(|intents| intents.len() > 1) {
            violations.push(format!("S2 order {link}: {} payments at the bank for one attempt", intents.len()));
        }
        let intents = of_attempts.concat();
        let net: i64 = intents.iter().map(|intent| net(intent)).sum();
        if net != if paid { order.to_pay } else { 0 } {
            violations.push(format!("Q1 order {link} ({}, {}): the bank took {net}", order.state, order.to_pay));
        }
        for intent in intents {
            if intent["status"] == "requires_capture" {
                violations.push(format!("Q2 order {link} ({}): money is still set aside at the bank", order.state));
            }
            if (intent["amount"].as_i64(), intent["currency"].as_str()) != (Some(order.to_pay), Some("eur")) {
                violations.push(format!("S2 order {link}: {} instead of {}", intent["amount"], order.to_pay));
            }
        }
    }
    for (attempt, intents) in payments {
        if intents.iter().any(|intent| net(intent) != 0 || intent["status"] == "requires_capture") {
            violations.push(format!("S2 the bank took money for attempt {attempt}, of no order"));
        }
    }
    violations
}

fn net(intent: &Value) -> i64 {
    intent["captured"].as_i64().unwrap_or(0) - intent["refunded"].as_i64().unwrap_or(0)
}
