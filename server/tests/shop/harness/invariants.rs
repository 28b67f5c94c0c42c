//! What must hold in every shop, whatever was done to it: the books of the shop agree with each other and with the
//! bank's.

use std::collections::HashMap;

use database::Database;
use serde_json::Value;

/// Each finds what must not be there.
const NEVER: [(&str, &str); 8] = [
    (
        "a stock row out of its bounds",
        "select count(*) from stock where sell_count < 0 or held < 0 or sell_count + held > received + allowance",
    ),
    (
        "a sell count that is not the sum of what was sold",
        r#"
        select count(*) from stock where sell_count <>
            (select coalesce(sum(quantity), 0) from hold where edition_id = stock.edition_id and state = 'sold')
        "#,
    ),
    (
        "a held count that is not the sum of the live holds",
        r#"
        select count(*) from stock where held <>
            (select coalesce(sum(quantity), 0) from hold where edition_id = stock.edition_id and state = 'held')
        "#,
    ),
    (
        "a stock row that its ledger does not add up to",
        r#"
        select count(*) from stock join (
            select edition_id,
                   sum(case movement when 'sold' then quantity else 0 end) as sold,
                   sum(case movement when 'held' then quantity when 'sold' then -quantity
                                     when 'released' then -quantity else 0 end) as held,
                   sum(case movement when 'received' then quantity when 'returned' then quantity else 0 end) as received
            from stock_ledger group by edition_id
        ) as entries on entries.edition_id = stock.edition_id
        where entries.sold <> sell_count or entries.held <> stock.held or entries.received <> stock.received
        "#,
    ),
    (
        "a hold that does not go with its order's state",
        r#"
        select count(*) from hold join orders on orders.id = hold.order_id
        where hold.state <> case orders.state when 'awaiting_payment' then 'held' when 'paid' then 'sold'
                                              when 'refunded' then 'sold' when 'reversed' then 'sold'
                            else 'released' end
            and hold.number = (select max(number) from hold as last where last.order_id = hold.order_id)
        "#,
    ),
    (
        "two orders of one basket's version",
        r#"
        select count(*) from (
            select basket_id from orders group by basket_id, basket_version having count(*) > 1
        ) as doubled
        "#,
    ),
    (
        "a paid order without exactly one message, or a message without a paid order",
        r#"
        select count(*) from orders where (state in ('paid', 'refunded', 'reversed')) <>
            (select count(*) from outbox where subject_id = orders.id and type = 'order.confirmed')
        "#,
    ),
    (
        "an order whose steps do not lead to its state",
        r#"
        select count(*) from orders where
            (select count(*) from order_event where order_id = orders.id and from_state = '') <> 1
            or (select count(*) from order_event where order_id = orders.id and to_state <> 'in_doubt'
                                                   and from_state <> 'in_doubt') > 3
            or state <> (select to_state from order_event where order_id = orders.id order by id desc limit 1)
        "#,
    ),
];

/// The first thing that is not as it must be. `bank` is the bank's ledger.
pub async fn check(database: &Database, bank: &Value) -> Result<(), String> {
    for (what, sql) in NEVER {
        let found: i64 = sqlx::query_scalar(sql).fetch_one(database.pool()).await.unwrap();
        if found != 0 {
            return Err(what.to_owned());
        }
    }
    let orders: Vec<(String, i64, bool)> = sqlx::query_as(
        r#"
        select group_concat(lower(hex(payment_attempt.id))),
               cast(orders.total - orders.gift_card - sum(payment_attempt.refunded) as signed), orders.state = 'paid'
        from orders join payment_attempt on payment_attempt.order_id = orders.id group by orders.id
        "#,
    )
    .fetch_all(database.pool())
    .await
    .unwrap();
    let mut taken: HashMap<String, i64> = HashMap::new();
    for intent in bank["intents"].as_array().unwrap() {
        let attempt = intent["metadata"]["attempt"].as_str().unwrap().replace('-', "");
        let net = intent["captured"].as_i64().unwrap() - intent["refunded"].as_i64().unwrap();
        *taken.entry(attempt).or_default() += net;
    }
    for (attempts, total, paid) in orders {
        let net: i64 = attempts.split(',').filter_map(|attempt| taken.remove(attempt)).sum();
        if net != if paid { total } else { 0 } {
            return Err(format!("{net} taken for an order of {total}, paid: {paid}"));
        }
    }
    match taken.values().find(|net| **net != 0) {
        Some(net) => Err(format!("{net} taken for no order")),
        None => Ok(()),
    }
}

/// The check is worth something only if it notices.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn books_that_do_not_agree_are_noticed() {
    let shop = super::TestShop::open().await;
    let browser = shop.browser();
    browser.buy(&shop, "emma", 1).await;
    browser.order(&shop, "emma", 2).await;
    shop.until_captured().await;
    let bank = shop.bank.ledger().await;
    check(shop.database(), &bank).await.unwrap();
    for (spoil, mend, what) in [
        (
            "update stock set sell_count = sell_count + 1 where held > 0",
            "update stock set sell_count = sell_count - 1 where held > 0",
            "sell count",
        ),
        (
            "update stock set held = held - 1 where held > 0",
            "update stock set held = held + 1 where held > 0",
            "held count",
        ),
        (
            "update stock set received = received + 1 where held > 0",
            "update stock set received = received - 1 where held > 0",
            "ledger",
        ),
        ("update outbox set type = 'x'", "update outbox set type = 'order.confirmed'", "message"),
        (
            "update orders set total = total + 1, goods = goods + 1 where state = 'paid'",
            "update orders set total = total - 1, goods = goods - 1 where state = 'paid'",
            "taken for an order",
        ),
        (
            "update hold set state = 'held' where state = 'sold'",
            "update hold set state = 'sold' where quantity = 1",
            "count",
        ),
    ] {
        shop.execute(spoil).await;
        let found = check(shop.database(), &bank).await.unwrap_err();
        assert!(found.contains(what), "{spoil}: {found}");
        shop.execute(mend).await;
    }
    shop.close().await;
}
