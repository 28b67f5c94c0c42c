//! S3 and Q3: what buyers were told, against what is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::check::money::Order;
use crate::history::{End, Operation};
use crate::shop::Shop;

/// What leaves no order behind.
const REFUSED: [&str; 3] = ["sold_out", "code_refused", "gift_card_refused"];

pub async fn check(shop: &Shop, operations: &[Operation], orders: &[Order]) -> Vec<String> {
    let by_link: HashMap<&str, &Order> = orders.iter().map(|order| (order.link.as_str(), order)).collect();
    let mut violations = equal_answers(operations);
    let tokens: BTreeSet<&str> = orders.iter().map(|order| order.token.as_str()).collect();
    for operation in operations.iter().filter(|operation| operation.end != End::Info) {
        let key = &operation.key;
        let order = by_link.get(operation.order.as_str());
        let state = order.map_or("not there", |order| order.state.as_str());
        if !operation.order.is_empty() && order.is_none() {
            violations.push(format!("Q3 order {} was named to a buyer and is not there", operation.order));
        }
        let told = match operation.what {
            "look" => serde_json::from_str::<serde_json::Value>(&operation.body).ok().map(|told| told["state"].clone()),
            "place" if operation.body.contains("\"paid\":true") => Some("paid".into()),
            _ => None,
        };
        if told.is_some_and(|told| told == "paid") && !matches!(state, "paid" | "refunded" | "reversed") {
            violations.push(format!("Q3 order {} was said to be paid and is {state}", operation.order));
        }
        if matches!(operation.code.as_str(), "declined" | "order_ended") && state == "paid" {
            violations.push(format!("Q3 key {key} was told {} and order {} is paid", operation.code, operation.order));
        }
        let refused = REFUSED.contains(&operation.code.as_str());
        if operation.what == "place" && refused && tokens.contains(operation.token.as_str()) {
            violations.push(format!("Q3 key {key} was told {} and its basket became an order", operation.code));
        }
    }
    let doubled: Vec<String> = sqlx::query_scalar(
        "select lower(hex(idempotency_key)) from idempotency group by shopper_id, idempotency_key having count(*) > 1",
    )
    .fetch_all(shop.database().pool())
    .await
    .unwrap();
    violations.extend(doubled.into_iter().map(|key| format!("S3 two records of key {key}")));
    violations
}

/// Whatever was answered for good under a key was answered to all.
fn equal_answers(operations: &[Operation]) -> Vec<String> {
    let mut orders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut answers: BTreeMap<&str, BTreeSet<(u16, &str, &str)>> = BTreeMap::new();
    for operation in operations.iter().filter(|operation| ["place", "place_form", "reuse"].contains(&operation.what)) {
        if !operation.order.is_empty() {
            orders.entry(&operation.key).or_default().insert(&operation.order);
        }
        // What is not stored may change: the basket, the queue, the key's other use.
        let code = operation.code.as_str();
        let stored = matches!(code, "" | "declined" | "order_ended") || REFUSED.contains(&code);
        if operation.what == "place" && operation.end != End::Info && stored {
            let answer = (operation.status, operation.location.as_str(), operation.body.as_str());
            answers.entry(&operation.key).or_default().insert(answer);
        }
    }
    let doubled = orders.into_iter().filter(|(_, orders)| orders.len() > 1);
    let doubled = doubled.map(|(key, orders)| format!("S3 key {key} was told of the orders {orders:?}"));
    let unequal = answers.into_iter().filter(|(_, answers)| answers.len() > 1);
    let unequal = unequal.map(|(key, answers)| format!("S3 key {key} was answered {answers:?}"));
    doubled.chain(unequal).collect()
}
