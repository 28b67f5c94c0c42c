//! S1, S4, S5 and what belongs to them, in the shop's own database.

use crate::shop::Shop;

/// Each finds what must not be there, by its id.
const NEVER: [(&str, &str); 13] = [
    (
        "S1 a stock row out of its bounds",
        r#"
        select concat('edition ', edition_id) from stock
        where sell_count < 0 or held < 0 or sell_count + held > received + allowance
        "#,
    ),
    (
        "S1 a sell count that is not the sum of what was sold",
        r#"
        select concat('edition ', edition_id, ' sell_count ', sell_count) from stock where sell_count <>
            (select coalesce(sum(quantity), 0) from hold where edition_id = stock.edition_id and state = 'sold')
        "#,
    ),
    (
        "S1 a held count that is not the sum of the live holds",
        r#"
        select concat('edition ', edition_id, ' held ', held) from stock where held <>
            (select coalesce(sum(quantity), 0) from hold where edition_id = stock.edition_id and state = 'held')
        "#,
    ),
    (
        "S1 a stock row that its ledger does not add up to",
        r#"
        select concat('edition ', stock.edition_id) from stock join (
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
        "S4 a hold that does not go with its order's state",
        r#"
        select concat('order ', lower(hex(orders.link)), ' ', orders.state, ', hold ', hold.state)
        from hold join orders on orders.id = hold.order_id
        where hold.state <> case orders.state when 'awaiting_payment' then 'held' when 'paid' then 'sold'
                                              when 'refunded' then 'sold' when 'reversed' then 'sold'
                            else 'released' end
            and hold.number = (select max(number) from hold as last where last.order_id = hold.order_id)
        "#,
    ),
    (
        "S4 copies of an order that moved more than once",
        r#"
        select concat('order ', lower(hex(order_id)), ' ', movement) from stock_ledger
        where order_id is not null and order_id not in (select order_id from order_event where to_state = 'in_doubt')
        group by order_id, edition_id, movement having count(*) > 1
        "#,
    ),
    (
        "S4 a hold that was both sold and released",
        r#"
        select concat('order ', lower(hex(order_id))) from stock_ledger
        where movement in ('sold', 'released')
          and order_id not in (select order_id from order_event where to_state = 'in_doubt')
        group by order_id, edition_id having count(distinct movement) > 1
        "#,
    ),
    (
        "S4 an order's step that is not allowed",
        r#"
        select concat('order ', lower(hex(order_id)), ' ', from_state, ' -> ', to_state) from order_event
        where concat(from_state, '>', to_state) not in
            ('>awaiting_payment', 'awaiting_payment>paid', 'awaiting_payment>expired', 'awaiting_payment>cancelled',
             'awaiting_payment>declined', 'awaiting_payment>in_doubt', 'in_doubt>expired',
             'in_doubt>awaiting_payment', 'paid>refunded', 'paid>reversed')
        "#,
    ),
    (
        "S4 an order whose steps do not lead to its state",
        r#"
        select concat('order ', lower(hex(link)), ' ', state) from orders where
            (select count(*) from order_event where order_id = orders.id and from_state = '') <> 1
            or (select count(*) from order_event where order_id = orders.id and to_state <> 'in_doubt'
                                                   and from_state <> 'in_doubt') > 3
            or state <> (select to_state from order_event where order_id = orders.id order by id desc limit 1)
        "#,
    ),
    (
        "S3 two orders of one basket's version",
        r#"
        select concat('basket ', lower(hex(basket_id)), ' version ', basket_version) from orders
        group by basket_id, basket_version having count(*) > 1
        "#,
    ),
    (
        "S3 a key whose order is not there",
        r#"
        select lower(hex(idempotency_key)) from idempotency
        where order_id is not null and not exists (select 1 from orders where orders.id = idempotency.order_id)
        "#,
    ),
    (
        "S3 an order without a key",
        r#"
        select lower(hex(link)) from orders
        where not exists (select 1 from idempotency where idempotency.order_id = orders.id)
        "#,
    ),
    (
        "S5 a paid order without exactly one message, or a message without a paid order",
        r#"
        select lower(hex(link)) from orders where (state in ('paid', 'refunded', 'reversed')) <>
            (select count(*) from outbox where subject_id = orders.id and type = 'order.confirmed')
        "#,
    ),
];

pub async fn check(shop: &Shop) -> Vec<String> {
    find(shop, &NEVER).await
}

/// What these queries find, in their words.
pub async fn find(shop: &Shop, never: &[(&str, &'static str)]) -> Vec<String> {
    let mut violations = Vec::new();
    for (what, sql) in never {
        let found: Vec<String> = sqlx::query_scalar(*sql).fetch_all(shop.database().pool()).await.unwrap();
        violations.extend(found.into_iter().map(|id| format!("{what}: {id}")));
    }
    violations
}
