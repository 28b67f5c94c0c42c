//! Q5 for discount codes and gift cards: who was refused one was refused it while it could not be had. How often a code
//! was in use and how much of a card was taken at each moment follows from the uses and from the money ledger.

use std::collections::HashMap;

use crate::history::Operation;
use crate::shop::Shop;

/// A row is dated when it is written, and counts from its commit on, which may come so much later.
const COMMIT_WITHIN: i64 = 3_000_000;

/// What changed when, in order of time.
type Steps = Vec<(i64, i64)>;

const USES: &str = r#"
    select at, step from (
        select cast(unix_timestamp(orders.created_at) * 1000000 as signed) as at, 1 as step, code_id, customer
        from discount_use join orders on orders.id = discount_use.order_id
        union all
        select cast(unix_timestamp(at) * 1000000 as signed), -1, code_id, customer from discount_use
        where state = 'released'
    ) as steps
    where code_id = (select id from discount_code where code = ?) and (? = '' or customer = unhex(sha2(?, 256)))
    order by at, step desc
"#;
const TAKEN: &str = r#"
    select cast(unix_timestamp(at) * 1000000 as signed),
           cast(case movement when 'held' then amount when 'released' then -amount when 'given_back' then -amount
                              else 0 end as signed)
    from money_ledger where card_id = unhex(?) and movement <> 'issued' order by at, id
"#;

pub async fn check(shop: &Shop, operations: &[Operation]) -> Vec<String> {
    // The first answer may have been lost: the question was asked when the key first arrived.
    let mut asked: HashMap<&str, i64> = HashMap::new();
    for operation in operations.iter().filter(|operation| operation.what == "place") {
        let first = asked.entry(&operation.key).or_insert(operation.asked);
        *first = (*first).min(operation.asked);
    }
    let mut violations = Vec::new();
    for operation in operations.iter().filter(|operation| operation.what == "place") {
        let (from, to) = (asked[operation.key.as_str()] - COMMIT_WITHIN, operation.answered);
        let Operation { key, discount, card, card_part, email, .. } = operation;
        match operation.code.as_str() {
            "code_refused" if !discount.is_empty() => {
                let (most, most_of_one): (Option<u32>, Option<u32>) =
                    sqlx::query_as("select most_uses, most_per_customer from discount_code where code = ?")
                        .bind(discount)
                        .fetch_one(shop.database().pool())
                        .await
                        .unwrap();
                let reached = async |most: Option<u32>, customer: &str| match most {
                    Some(most) => peak(&uses(shop, discount, customer).await, from, to) >= i64::from(most),
                    None => false,
                };
                if !reached(most, "").await && !reached(most_of_one, email).await {
                    violations.push(format!("Q5 key {key} was refused code {discount}: {}", operation.body));
                }
            }
            "gift_card_refused" if !card.is_empty() && *card_part > 0 => {
                let left = issued(shop, card).await - peak(&taken(shop, card).await, from, to);
                if left >= *card_part {
                    violations.push(format!("Q5 key {key} was refused {card_part} of card {card}, which had {left}"));
                }
            }
            _ => {}
        }
    }
    violations
}

/// How often a code came into use and out of it, by one customer where one is named.
async fn uses(shop: &Shop, code: &str, customer: &str) -> Steps {
    let steps = sqlx::query_as(USES).bind(code).bind(customer).bind(customer);
    steps.fetch_all(shop.database().pool()).await.unwrap()
}

async fn taken(shop: &Shop, card: &str) -> Steps {
    sqlx::query_as(TAKEN).bind(card).fetch_all(shop.database().pool()).await.unwrap()
}

async fn issued(shop: &Shop, card: &str) -> i64 {
    let issued = sqlx::query_scalar("select issued from gift_card where id = unhex(?)").bind(card);
    issued.fetch_one(shop.database().pool()).await.unwrap()
}

/// The most that there was at a moment between the two.
fn peak(steps: &[(i64, i64)], from: i64, to: i64) -> i64 {
    let (mut now, mut peak) = (0, 0);
    for (at, step) in steps.iter().take_while(|(at, _)| *at <= to) {
        if *at >= from {
            // It lasted until here.
            peak = peak.max(now);
        }
        now += step;
    }
    peak.max(now)
}
