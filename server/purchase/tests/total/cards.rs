//! Gift cards: issued, typed, and spent by many at once.

use std::collections::BTreeSet;

use database::Database;
use purchase::Error;
use purchase::money::{Currency, Money};
use purchase::total::cards::{self, CardMovement, CardRefused, CardUse, CardUseState, FoundCard, Issued};
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::reckoning::eur;
use crate::support::Books;

async fn issue(books: &Books, cents: i64) -> Issued {
    let mut tx = books.database().begin().await.unwrap();
    let issued = cards::issue(&mut tx, eur(cents), "staff").await;
    tx.end(issued).await.unwrap()
}

async fn look_up(books: &Books, typed: &str, currency: Currency) -> Result<FoundCard, CardRefused> {
    let mut connection = books.database().pool().acquire().await.unwrap();
    cards::look_up(&mut connection, typed, currency).await.unwrap()
}

/// One order sets a part aside, as the hold does.
async fn hold(connection: &mut MySqlConnection, part: CardUse) -> Result<Result<(), CardRefused>, Error> {
    let mut locked = cards::lock(connection, &BTreeSet::from([part.card])).await?;
    let taken = locked.deal().take(&part);
    if taken.is_ok() {
        cards::change(connection, &mut locked, CardMovement::Held, &[part], "shopper").await?;
    }
    Ok(taken)
}

/// One order sets a part aside and spends it.
async fn spend(connection: &mut MySqlConnection, part: CardUse) -> Result<Result<(), CardRefused>, Error> {
    let taken = hold(connection, part).await?;
    if taken.is_ok() {
        let mut locked = cards::lock(connection, &BTreeSet::from([part.card])).await?;
        cards::change(connection, &mut locked, CardMovement::Spent, &[part], "bank").await?;
    }
    Ok(taken)
}

async fn spend_alone(database: Database, part: CardUse) -> Result<Result<(), CardRefused>, Error> {
    database
        .retry(|| async {
            let mut tx = database.begin().await?;
            let result = spend(&mut tx, part).await;
            tx.end(result).await
        })
        .await
}

async fn hold_alone(books: &Books, part: CardUse) -> Result<(), CardRefused> {
    let mut tx = books.database().begin().await.unwrap();
    let result = hold(&mut tx, part).await;
    tx.end(result).await.unwrap()
}

/// Moves whatever parts of these orders are in a state.
async fn move_all(books: &Books, orders: &[Uuid], state: CardUseState, movement: CardMovement) -> Result<(), Error> {
    let mut tx = books.database().begin().await?;
    let result = async {
        let parts = cards::uses_of(&mut tx, &orders.iter().copied().collect(), state).await?;
        let ids = parts.iter().map(|part| part.card).collect();
        let mut locked = cards::lock(&mut tx, &ids).await?;
        cards::change(&mut tx, &mut locked, movement, &parts, "worker").await
    }
    .await;
    tx.end(result).await
}

#[tokio::test]
async fn a_card_is_found_by_its_code_alone_which_nobody_stores() {
    let books = Books::open().await;
    let issued = issue(&books, 2500).await;
    let shown = issued.code.to_string();
    let found = FoundCard { id: issued.id, left: eur(2500) };
    assert_eq!(look_up(&books, &shown, Currency::Eur).await, Ok(found));
    assert_eq!(look_up(&books, &shown.to_lowercase().replace('-', ""), Currency::Eur).await, Ok(found));
    assert_eq!(look_up(&books, &shown, Currency::Gbp).await, Err(CardRefused::WrongCurrency));
    for unknown in ["", "0000-0000-0000-0000", "not a code at all"] {
        assert_eq!(look_up(&books, unknown, Currency::Eur).await, Err(CardRefused::Unknown));
    }
    let stored: (Vec<u8>,) =
        sqlx::query_as("select code_hash from gift_card").fetch_one(books.database().pool()).await.unwrap();
    assert_eq!(stored.0.len(), 32);
    assert_ne!(stored.0, shown.replace('-', "").as_bytes());
    let mut tx = books.database().begin().await.unwrap();
    assert!(cards::issue(&mut tx, eur(0), "staff").await.is_err());
    tx.roll_back().await;
    books.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_three_of_two_hundred_at_once_spend_three_of_a_hundred() {
    let books = Books::open().await;
    let card = issue(&books, 10_000).await;
    let orders = books.orders(200).await;
    let outcomes = books
        .in_parallel(&orders, |database, _, order| {
            spend_alone(database, CardUse { order, card: card.id, amount: eur(300) })
        })
        .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 33);
    let refused = Err(CardRefused::NotEnough { left: eur(100) });
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == refused).count(), 167);
    assert_eq!(books.card().await, (9900, 0));
    let code = card.code.to_string();
    assert_eq!(look_up(&books, &code, Currency::Eur).await, Ok(FoundCard { id: card.id, left: eur(100) }));
    books.close().await;
}

#[tokio::test]
async fn a_part_is_spent_or_released_and_can_be_given_back() {
    let books = Books::open().await;
    let card = issue(&books, 1000).await;
    let code = card.code.to_string();
    let orders = books.orders(2).await;
    let part = |order, cents| CardUse { order, card: card.id, amount: eur(cents) };
    assert_eq!(hold_alone(&books, part(orders[0], 700)).await, Ok(()));
    assert_eq!(hold_alone(&books, part(orders[1], 400)).await, Err(CardRefused::NotEnough { left: eur(300) }));
    assert_eq!(hold_alone(&books, part(orders[1], 300)).await, Ok(()));
    assert_eq!(look_up(&books, &code, Currency::Eur).await, Err(CardRefused::Empty));
    move_all(&books, &orders[..1], CardUseState::Held, CardMovement::Spent).await.unwrap();
    move_all(&books, &orders, CardUseState::Held, CardMovement::Released).await.unwrap();
    assert_eq!(books.card().await, (700, 0));
    // Released: an order that was in doubt may take it again.
    move_all(&books, &orders, CardUseState::Released, CardMovement::HeldAgain).await.unwrap();
    assert_eq!(books.card().await, (700, 300));
    move_all(&books, &orders, CardUseState::Spent, CardMovement::GivenBack).await.unwrap();
    assert_eq!(books.card().await, (0, 300));
    // What was given back cannot be given back again.
    move_all(&books, &orders, CardUseState::Spent, CardMovement::GivenBack).await.unwrap();
    assert!(move_all(&books, &orders, CardUseState::GivenBack, CardMovement::GivenBack).await.is_err());
    assert_eq!(books.card().await, (0, 300));
    books.close().await;
}

#[tokio::test]
async fn what_is_left_is_dealt_out_in_order_of_arrival() {
    let books = Books::open().await;
    let card = issue(&books, 1000).await;
    let orders = books.orders(2).await;
    let parts = [600, 400].into_iter().zip(orders);
    let parts: Vec<CardUse> =
        parts.map(|(cents, order)| CardUse { order, card: card.id, amount: eur(cents) }).collect();
    let mut tx = books.database().begin().await.unwrap();
    let mut locked = cards::lock(&mut tx, &BTreeSet::from([card.id])).await.unwrap();
    let mut deal = locked.deal();
    assert_eq!(deal.take(&parts[0]), Ok(()));
    assert_eq!(deal.take(&parts[1]), Ok(()));
    assert_eq!(deal.take(&parts[1]), Err(CardRefused::Empty));
    let dollars = CardUse { amount: Money::new(1, Currency::Usd), ..parts[0] };
    assert_eq!(deal.take(&dollars), Err(CardRefused::WrongCurrency));
    // The stock had nothing for the first.
    deal.put_back(&parts[0]);
    cards::change(&mut tx, &mut locked, CardMovement::Held, &parts[1..], "shopper").await.unwrap();
    tx.end(Ok::<_, Error>(())).await.unwrap();
    assert_eq!(books.card().await, (0, 400));
    books.close().await;
}

#[tokio::test]
async fn a_change_without_the_lock_is_found_out() {
    let books = Books::open().await;
    let card = issue(&books, 1000).await;
    let part = CardUse { order: books.orders(1).await[0], card: card.id, amount: eur(100) };
    let mut connection = books.database().pool().acquire().await.unwrap();
    // Outside a transaction nothing is locked any more once it was read.
    let mut stale = cards::lock(&mut connection, &BTreeSet::from([card.id])).await.unwrap();
    sqlx::query("update gift_card set held = 7").execute(&mut *connection).await.unwrap();
    let changed = cards::change(&mut connection, &mut stale, CardMovement::Held, &[part], "shopper").await;
    assert!(matches!(changed, Err(Error::Defect(_))), "{changed:?}");
    sqlx::query("update gift_card set held = 0").execute(&mut *connection).await.unwrap();
    drop(connection);
    books.close().await;
}
