//! The checker: independent witnesses against each other. The numbers are those of the invariants that a purchase keeps:
//! S at every instant, Q once all is at rest.

mod answers;
mod books;
mod logs;
mod mails;
mod money;
mod redeemed;
mod refused;
mod sold_out;

use crate::history::Operation;
use crate::shop::Shop;

/// Everything that is not as it must be.
pub async fn check(shop: &Shop, operations: &[Operation]) -> Vec<String> {
    let orders = money::orders(shop).await;
    [
        books::check(shop).await,
        money::check(&orders, &shop.ledger().await),
        answers::check(shop, operations, &orders).await,
        redeemed::check(shop).await,
        refused::check(shop, operations).await,
        sold_out::check(shop, operations).await,
        mails::check(shop, &orders).await,
        logs::check(&shop.folder),
    ]
    .concat()
}
