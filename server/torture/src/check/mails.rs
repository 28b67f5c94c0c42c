//! Q4: a paid order has its mail, whatever died on the way; all copies are one mail to whoever reads them.

use std::collections::{BTreeSet, HashMap};

use crate::check::money::Order;
use crate::shop::Shop;

pub async fn check(shop: &Shop, orders: &[Order]) -> Vec<String> {
    let mut arrived: HashMap<String, BTreeSet<String>> = HashMap::new();
    for mail in shop.mailbox.kept() {
        // "Ada Lovelace <b1-2@buyer.example>"
        let to = mail.to.rsplit('<').next().unwrap_or_default().trim_end_matches('>').to_owned();
        arrived.entry(to).or_default().insert(mail.message_id);
    }
    let mut violations = Vec::new();
    let mut owed: HashMap<&str, usize> = HashMap::new();
    for order in orders {
        // One for the first payment that failed.
        let failed = usize::from(order.failures > 0);
        match order.state.as_str() {
            "paid" => *owed.entry(&order.email).or_default() += 1 + failed,
            // Confirmed, then told that the money is on its way back, or that there is none and the order is called off;
            // and of what is on the gift card again.
            "refunded" | "reversed" => {
                *owed.entry(&order.email).or_default() += 2 + failed + usize::from(order.by_card > 0);
            }
            _ => {}
        }
    }
    for (email, orders) in &owed {
        match arrived.get(*email).map_or(0, BTreeSet::len) {
            0 => violations.push(format!("Q4 {orders} paid orders of {email}, and no mail")),
            mails if mails > *orders => {
                violations.push(format!("Q4 {email} got {mails} different mails for {orders} paid orders"));
            }
            _ => {}
        }
    }
    let unowed = arrived.keys().filter(|email| !owed.contains_key(email.as_str()));
    violations.extend(unowed.map(|email| format!("Q4 a mail to {email}, who has no paid order")));
    let doubled: Vec<String> = sqlx::query_scalar("select recipient from mail group by recipient having count(*) > 1")
        .fetch_all(shop.mails().pool())
        .await
        .unwrap();
    let doubled = doubled.into_iter().filter(|email| owed.get(email.as_str()).is_none_or(|orders| *orders < 2));
    violations.extend(doubled.map(|email| format!("S5 two mails owed to {email}")));
    violations
}
