//! Q5: who was told "sold out" was told so while there were too few. The copies that were left at each moment follow from
//! the stock's ledger; an answer is justified when they once were too few between its question and itself.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::history::Operation;
use crate::shop::Shop;

/// A ledger row is dated when it is written, and counts from its commit on, which may come so much later; later still
/// where whoever wrote it was stopped in between.
const COMMIT_WITHIN: i64 = 3_000_000;

/// Copies that are left from a moment on.
type Left = Vec<(i64, i64)>;

pub async fn check(shop: &Shop, operations: &[Operation]) -> Vec<String> {
    let left = left(shop).await;
    // The first answer may have been lost: the question was asked when the key first arrived.
    let mut asked: HashMap<&str, i64> = HashMap::new();
    for operation in operations.iter().filter(|operation| operation.what.starts_with("place")) {
        let first = asked.entry(&operation.key).or_insert(operation.asked);
        *first = (*first).min(operation.asked);
    }
    let mut violations = Vec::new();
    for operation in operations.iter().filter(|operation| operation.what == "place" && operation.code == "sold_out") {
        let told: Value = serde_json::from_str(&operation.body).unwrap_or(Value::Null);
        let edition = told["edition"].as_u64().unwrap_or(0);
        let wanted = operation.wants.iter().find(|(wanted, _)| *wanted == edition).map_or(0, |(_, copies)| *copies);
        let (from, to) = (asked[operation.key.as_str()], operation.answered);
        let from = shop.pauses.reaching(from, COMMIT_WITHIN) - COMMIT_WITHIN;
        let least = least(left.get(&edition).map_or(&[], Vec::as_slice), from, to);
        // The token stands for these very lines: a basket that was changed meanwhile is told so instead.
        if wanted > 0 && least >= wanted {
            violations.push(format!(
                "Q5 key {} wanted {wanted} of edition {edition} and was told that {} are left, when there were {least}",
                operation.key, told["left"]
            ));
        }
    }
    violations
}

async fn left(shop: &Shop) -> BTreeMap<u64, Left> {
    let rows: Vec<(u64, i64, i64)> = sqlx::query_as(
        r#"
        select edition_id, cast(unix_timestamp(at) * 1000000 as signed),
               cast(case movement when 'held' then -quantity when 'sold' then 0 else quantity end as signed)
        from stock_ledger order by at, id
        "#,
    )
    .fetch_all(shop.database().pool())
    .await
    .unwrap();
    let mut left: BTreeMap<u64, Left> = BTreeMap::new();
    for (edition, at, change) in rows {
        let steps = left.entry(edition).or_default();
        let before = steps.last().map_or(0, |(_, left)| *left);
        steps.push((at, before + change));
    }
    left
}

/// The fewest copies that were left at a moment between the two.
fn least(left: &[(i64, i64)], from: i64, to: i64) -> i64 {
    let before = left.iter().rev().find(|(at, _)| *at <= from).map(|(_, left)| *left);
    let between = left.iter().filter(|(at, _)| (from..=to).contains(at)).map(|(_, left)| *left);
    between.chain(before).min().unwrap_or(0)
}
