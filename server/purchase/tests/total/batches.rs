//! Codes and cards together, as the hold and the sale use them for a batch.

use database::Database;
use futures::future::join_all;
use purchase::Error;
use purchase::total::Discount;
use purchase::total::cards::{self, CardMovement, CardUse, CardUseState};
use purchase::total::codes::{self, CodeMovement, CodeUse, CodeUseState, Created, CustomerKey, NewCode};
use sqlx::MySqlConnection;
use time::macros::datetime;
use uuid::Uuid;

use crate::reckoning::eur;
use crate::support::Books;

async fn hold(connection: &mut MySqlConnection, orders: &[(CodeUse, CardUse)]) -> Result<(), Error> {
    let (uses, parts): (Vec<CodeUse>, Vec<CardUse>) = orders.iter().copied().unzip();
    let mut codes = codes::lock(connection, &uses.iter().map(|wanted| wanted.code).collect()).await?;
    let mut code_deal = codes::deal(connection, &codes, &uses).await?;
    let mut cards = cards::lock(connection, &parts.iter().map(|part| part.card).collect()).await?;
    let mut card_deal = cards.deal();
    for (wanted, part) in orders {
        assert_eq!(code_deal.take(wanted), Ok(()));
        assert_eq!(card_deal.take(part), Ok(()));
    }
    codes::change(connection, &mut codes, CodeMovement::Held, &uses).await?;
    cards::change(connection, &mut cards, CardMovement::Held, &parts, "shopper").await
}

async fn sell(connection: &mut MySqlConnection, orders: &[Uuid]) -> Result<(), Error> {
    let orders = orders.iter().copied().collect();
    let uses = codes::uses_of(connection, &orders, CodeUseState::Held).await?;
    let parts = cards::uses_of(connection, &orders, CardUseState::Held).await?;
    let mut codes = codes::lock(connection, &uses.iter().map(|held| held.code).collect()).await?;
    let mut cards = cards::lock(connection, &parts.iter().map(|held| held.card).collect()).await?;
    codes::change(connection, &mut codes, CodeMovement::Used, &uses).await?;
    cards::change(connection, &mut cards, CardMovement::Spent, &parts, "bank").await
}

/// A batch's hold, then its sale. Without the retry: a deadlock would be an error.
async fn buy(database: Database, orders: Vec<(CodeUse, CardUse)>) -> Result<(), Error> {
    let mut tx = database.begin().await?;
    let held = hold(&mut tx, &orders).await;
    tx.end(held).await?;
    let ids: Vec<Uuid> = orders.iter().map(|(wanted, _)| wanted.order).collect();
    let mut tx = database.begin().await?;
    let sold = sell(&mut tx, &ids).await;
    tx.end(sold).await
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_cross_each_others_codes_and_cards_never_deadlock() {
    let books = Books::open().await;
    let (mut codes, mut cards) = (Vec::new(), Vec::new());
    let mut tx = books.database().begin().await.unwrap();
    for number in 0..4 {
        let new = NewCode {
            code: format!("CROSS{number}"),
            discount: Discount::Amount(eur(100)),
            starts_at: datetime!(2020-01-01 00:00),
            ends_at: None,
            most_uses: Some(120),
            most_per_customer: Some(120),
        };
        let Created::Done(code) = codes::create(&mut tx, &new).await.unwrap() else { panic!("no code") };
        codes.push(code);
        cards.push(cards::issue(&mut tx, eur(6000), "staff").await.unwrap().id);
    }
    tx.end(Ok::<_, Error>(())).await.unwrap();
    let orders = books.orders(120).await;
    // Three orders a batch; each batch names codes and cards in another order than the next.
    let batches = orders.chunks(3).enumerate().map(|(turn, batch)| {
        let of_order = |(place, order): (usize, &Uuid)| {
            let which = if turn % 2 == 0 { turn + place } else { turn + 3 - place };
            let customer = CustomerKey::of_email("ada@example.org");
            let code = CodeUse { order: *order, code: codes[which % 4], customer };
            (code, CardUse { order: *order, card: cards[(which + turn) % 4], amount: eur(50) })
        };
        batch.iter().enumerate().map(of_order).collect::<Vec<_>>()
    });
    for twelve in batches.collect::<Vec<_>>().chunks(12) {
        let buying = twelve.iter().map(|batch| tokio::spawn(buy(books.database().clone(), batch.clone())));
        join_all(buying).await.into_iter().for_each(|bought| bought.unwrap().unwrap());
    }
    let figures = "select cast(sum(used) as signed), cast(sum(held) as signed) from discount_code";
    assert_eq!(books.figures(figures).await, (120, 0));
    let figures = "select cast(sum(spent) as signed), cast(sum(held) as signed) from gift_card";
    assert_eq!(books.figures(figures).await, (6000, 0));
    books.close().await;
}
