//! S1 and S4 for discount codes and gift cards: their figures are the sums of their uses and of the money ledger, and
//! each use goes with its order.

use super::books;
use crate::shop::Shop;

const NEVER: [(&str, &str); 8] = [
    (
        "S1 a discount code whose figures are not the counts of its uses",
        r#"
        select concat('code ', code, ' used ', used, ' held ', held) from discount_code where
            used <> (select count(*) from discount_use where code_id = discount_code.id and state = 'used')
            or held <> (select count(*) from discount_use where code_id = discount_code.id and state = 'held')
        "#,
    ),
    (
        "S1 a discount code that was used too often",
        "select concat('code ', code, ' ', used + held) from discount_code where used + held > most_uses",
    ),
    (
        "S1 a customer who used a discount code too often",
        r#"
        select concat('code ', discount_code.code, ' ', count(*))
        from discount_use join discount_code on discount_code.id = discount_use.code_id
        where discount_use.state <> 'released'
        group by discount_code.id, discount_use.customer having count(*) > max(discount_code.most_per_customer)
        "#,
    ),
    (
        "S1 a gift card whose figures are not the sums of its uses",
        r#"
        select concat('card ', lower(hex(id)), ' spent ', spent, ' held ', held) from gift_card where
            spent <> (select coalesce(sum(amount), 0) from gift_card_use
                      where card_id = gift_card.id and state = 'spent')
            or held <> (select coalesce(sum(amount), 0) from gift_card_use
                        where card_id = gift_card.id and state = 'held')
        "#,
    ),
    (
        "S1 a gift card that its ledger does not add up to",
        r#"
        select concat('card ', lower(hex(id))) from gift_card where
            held + spent > issued
            or (issued, held, spent) <> (
                select sum(if(movement = 'issued', amount, 0)),
                       sum(case movement when 'held' then amount when 'released' then -amount
                                         when 'spent' then -amount else 0 end),
                       sum(case movement when 'spent' then amount when 'given_back' then -amount else 0 end)
                from money_ledger where card_id = gift_card.id)
        "#,
    ),
    (
        "S4 a use of a discount code that does not go with its order's state",
        r#"
        select concat('order ', lower(hex(orders.link)), ' ', orders.state, ', use ', discount_use.state)
        from discount_use join orders on orders.id = discount_use.order_id
        where discount_use.state <> case orders.state when 'awaiting_payment' then 'held' when 'paid' then 'used'
                                    else 'released' end
        "#,
    ),
    (
        "S4 a part of a gift card that does not go with its order's state",
        r#"
        select concat('order ', lower(hex(orders.link)), ' ', orders.state, ', part ', gift_card_use.state)
        from gift_card_use join orders on orders.id = gift_card_use.order_id
        where gift_card_use.state <> case orders.state when 'awaiting_payment' then 'held' when 'paid' then 'spent'
                                                       when 'refunded' then 'given_back'
                                                       when 'reversed' then 'given_back'
                                     else 'released' end
        "#,
    ),
    (
        "S2 an order that is not the sum of its parts",
        r#"
        select concat('order ', lower(hex(link))) from orders where
            goods <> (select sum(quantity * unit_price) from order_line where order_id = orders.id)
            or discount <> (select sum(discount) from order_line where order_id = orders.id)
            or total <> (select coalesce(sum(gross), 0) from order_vat where order_id = orders.id)
            or gift_card <> (select coalesce(sum(amount), 0) from gift_card_use where order_id = orders.id)
            or (discount_code is not null) <> (select count(*) from discount_use where order_id = orders.id)
        "#,
    ),
];

pub async fn check(shop: &Shop) -> Vec<String> {
    books::find(shop, &NEVER).await
}
