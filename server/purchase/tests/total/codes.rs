//! Discount codes: typed, limited, and wanted by many at once.

use std::collections::BTreeSet;

use database::Database;
use purchase::Error;
use purchase::money::{Currency, Money};
use purchase::total::Discount;
use purchase::total::codes::{
    self, CodeMovement, CodeRefused, CodeUse, CodeUseState, Created, CustomerKey, FoundCode, NewCode,
};
use sqlx::MySqlConnection;
use time::macros::datetime;
use uuid::Uuid;

use crate::support::Books;

const TEN_PER_CENT: Discount = Discount::Percentage { basis_points: 1000 };

fn new_code(code: &str) -> NewCode {
    NewCode {
        code: code.to_owned(),
        discount: TEN_PER_CENT,
        starts_at: datetime!(2020-01-01 00:00),
        ends_at: None,
        most_uses: None,
        most_per_customer: None,
    }
}

async fn create(books: &Books, new: &NewCode) -> Created {
    codes::create(&mut books.database().pool().acquire().await.unwrap(), new).await.unwrap()
}

async fn created(books: &Books, new: &NewCode) -> Uuid {
    match create(books, new).await {
        Created::Done(id) => id,
        refused => panic!("{refused:?}"),
    }
}

async fn look_up(books: &Books, typed: &str, customer: Option<CustomerKey>) -> Result<FoundCode, CodeRefused> {
    let mut connection = books.database().pool().acquire().await.unwrap();
    codes::look_up(&mut connection, typed, Currency::Eur, customer).await.unwrap()
}

/// One order takes a use, as the hold does.
async fn hold(connection: &mut MySqlConnection, wanted: CodeUse) -> Result<Result<(), CodeRefused>, Error> {
    let mut locked = codes::lock(connection, &BTreeSet::from([wanted.code])).await?;
    let taken = codes::deal(connection, &locked, &[wanted]).await?.take(&wanted);
    if taken.is_ok() {
        codes::change(connection, &mut locked, CodeMovement::Held, &[wanted]).await?;
    }
    Ok(taken)
}

async fn hold_alone(database: Database, wanted: CodeUse) -> Result<Result<(), CodeRefused>, Error> {
    database
        .retry(|| async {
            let mut tx = database.begin().await?;
            let result = hold(&mut tx, wanted).await;
            tx.end(result).await
        })
        .await
}

/// Moves whatever uses of these orders are in a state.
async fn move_all(books: &Books, orders: &[Uuid], state: CodeUseState, movement: CodeMovement) -> Result<(), Error> {
    let mut tx = books.database().begin().await?;
    let result = async {
        let uses = codes::uses_of(&mut tx, &orders.iter().copied().collect(), state).await?;
        let ids = uses.iter().map(|held| held.code).collect();
        let mut locked = codes::lock(&mut tx, &ids).await?;
        codes::change(&mut tx, &mut locked, movement, &uses).await
    }
    .await;
    tx.end(result).await
}

fn customer(number: usize) -> CustomerKey {
    CustomerKey::of_email(&format!("reader{number}@example.org"))
}

#[tokio::test]
async fn a_typed_code_is_found_or_refused_by_name() {
    let books = Books::open().await;
    let id = created(&books, &new_code("Summer-24")).await;
    let found = FoundCode { id, discount: TEN_PER_CENT };
    for typed in ["SUMMER24", " summer 24 ", "sum-mer-24"] {
        assert_eq!(look_up(&books, typed, None).await, Ok(found));
    }
    created(&books, &NewCode { starts_at: datetime!(2999-01-01 00:00), ..new_code("NOTYET") }).await;
    created(&books, &NewCode { ends_at: Some(datetime!(2021-01-01 00:00)), ..new_code("OVER") }).await;
    created(&books, &NewCode { most_uses: Some(0), ..new_code("USEDUP") }).await;
    let pounds = Discount::Amount(Money::new(500, Currency::Gbp));
    created(&books, &NewCode { discount: pounds, ..new_code("POUNDS") }).await;
    for (typed, refused) in [
        ("NOTYET", CodeRefused::NotYet),
        ("OVER", CodeRefused::Over),
        ("USEDUP", CodeRefused::UsedUp),
        ("POUNDS", CodeRefused::WrongCurrency),
        ("NEVERSEEN", CodeRefused::Unknown),
        ("' or ''='", CodeRefused::Unknown),
    ] {
        assert_eq!(look_up(&books, typed, None).await, Err(refused), "{typed}");
    }
    books.close().await;
}

#[tokio::test]
async fn a_code_that_makes_no_sense_is_not_created() {
    let books = Books::open().await;
    created(&books, &new_code("TAKEN")).await;
    let nothing = Discount::Amount(Money::new(0, Currency::Eur));
    let too_much = Discount::Percentage { basis_points: 10_001 };
    for (new, refused) in [
        (new_code(" taken"), Created::Taken),
        (new_code("no"), Created::BadCode),
        (NewCode { discount: nothing, ..new_code("NOTHING") }, Created::BadDiscount),
        (NewCode { discount: too_much, ..new_code("MUCH") }, Created::BadDiscount),
        (NewCode { ends_at: Some(datetime!(2020-01-01 00:00)), ..new_code("NEVER") }, Created::BadTimes),
    ] {
        assert_eq!(create(&books, &new).await, refused);
    }
    books.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_of_two_hundred_at_once_get_the_ten_uses() {
    let books = Books::open().await;
    let code = created(&books, &NewCode { most_uses: Some(10), ..new_code("FIRSTTEN") }).await;
    let orders = books.orders(200).await;
    let outcomes = books
        .in_parallel(&orders, |database, number, order| {
            hold_alone(database, CodeUse { order, code, customer: customer(number) })
        })
        .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 10);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(CodeRefused::UsedUp)).count(), 190);
    assert_eq!(books.uses().await, (0, 10));
    assert_eq!(look_up(&books, "FIRSTTEN", None).await, Err(CodeRefused::UsedUp));
    books.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_tries_everywhere_at_once_gets_what_one_may() {
    let books = Books::open().await;
    let code = created(&books, &NewCode { most_per_customer: Some(2), ..new_code("TWICE") }).await;
    let orders = books.orders(100).await;
    let outcomes = books
        .in_parallel(&orders, |database, number, order| {
            hold_alone(database, CodeUse { order, code, customer: customer(number % 5) })
        })
        .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 10);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(CodeRefused::UsedByYou)).count(), 90);
    assert_eq!(books.uses().await, (0, 10));
    let spelt_otherwise = CustomerKey::of_email(" Reader0@Example.ORG");
    assert_eq!(look_up(&books, "TWICE", Some(spelt_otherwise)).await, Err(CodeRefused::UsedByYou));
    assert!(look_up(&books, "TWICE", Some(customer(9))).await.is_ok());
    books.close().await;
}

#[tokio::test]
async fn a_batch_deals_in_order_of_arrival_and_what_one_puts_back_the_next_gets() {
    let books = Books::open().await;
    let limits = NewCode { most_uses: Some(2), most_per_customer: Some(1), ..new_code("BATCH") };
    let code = created(&books, &limits).await;
    let orders = books.orders(5).await;
    let wanted: Vec<CodeUse> = [1, 1, 2, 3, 3]
        .into_iter()
        .zip(orders)
        .map(|(number, order)| CodeUse { order, code, customer: customer(number) })
        .collect();
    let mut tx = books.database().begin().await.unwrap();
    let mut locked = codes::lock(&mut tx, &BTreeSet::from([code])).await.unwrap();
    let mut deal = codes::deal(&mut tx, &locked, &wanted).await.unwrap();
    assert_eq!(deal.take(&wanted[0]), Ok(()));
    assert_eq!(deal.take(&wanted[1]), Err(CodeRefused::UsedByYou));
    assert_eq!(deal.take(&wanted[2]), Ok(()));
    assert_eq!(deal.take(&wanted[3]), Err(CodeRefused::UsedUp));
    deal.put_back(&wanted[2]);
    assert_eq!(deal.take(&wanted[4]), Ok(()));
    let unknown = CodeUse { code: Uuid::now_v7(), ..wanted[0] };
    assert_eq!(deal.take(&unknown), Err(CodeRefused::Unknown));
    // The stock had nothing for that one either.
    deal.put_back(&wanted[4]);
    codes::change(&mut tx, &mut locked, CodeMovement::Held, &[wanted[0]]).await.unwrap();
    tx.end(Ok::<_, Error>(())).await.unwrap();
    assert_eq!(books.uses().await, (0, 1));
    assert_eq!(books.figures("select count(*), 0 from discount_use").await, (1, 0));
    books.close().await;
}

#[tokio::test]
async fn a_use_ends_used_or_released_and_only_once() {
    let books = Books::open().await;
    let limits = NewCode { most_uses: Some(2), most_per_customer: Some(2), ..new_code("ENDS") };
    let code = created(&books, &limits).await;
    let orders = books.orders(2).await;
    for order in &orders {
        let wanted = CodeUse { order: *order, code, customer: customer(1) };
        assert_eq!(hold_alone(books.database().clone(), wanted).await.unwrap(), Ok(()));
    }
    move_all(&books, &orders[..1], CodeUseState::Held, CodeMovement::Used).await.unwrap();
    move_all(&books, &orders, CodeUseState::Held, CodeMovement::Released).await.unwrap();
    assert_eq!(books.uses().await, (1, 0));
    // Released ones count no longer, and may be taken again by an order that was in doubt.
    assert!(look_up(&books, "ENDS", Some(customer(1))).await.is_ok());
    move_all(&books, &orders, CodeUseState::Released, CodeMovement::HeldAgain).await.unwrap();
    assert_eq!(books.uses().await, (1, 1));
    // An order that is given back gives its use back too, once.
    move_all(&books, &orders[..1], CodeUseState::Used, CodeMovement::GivenBack).await.unwrap();
    assert_eq!(books.uses().await, (0, 1));
    move_all(&books, &orders[..1], CodeUseState::Released, CodeMovement::HeldAgain).await.unwrap();
    move_all(&books, &orders[..1], CodeUseState::Held, CodeMovement::Used).await.unwrap();
    // What is used cannot be released: everything of the step is rolled back.
    assert!(move_all(&books, &orders[..1], CodeUseState::Used, CodeMovement::Released).await.is_err());
    assert_eq!(books.uses().await, (1, 1));
    books.close().await;
}

#[tokio::test]
async fn a_change_without_the_lock_is_found_out() {
    let books = Books::open().await;
    let code = created(&books, &new_code("GUARD")).await;
    let order = books.orders(1).await[0];
    let wanted = CodeUse { order, code, customer: customer(1) };
    let mut connection = books.database().pool().acquire().await.unwrap();
    // Outside a transaction nothing is locked any more once it was read.
    let mut stale = codes::lock(&mut connection, &BTreeSet::from([code])).await.unwrap();
    sqlx::query("update discount_code set used = 7").execute(&mut *connection).await.unwrap();
    let changed = codes::change(&mut connection, &mut stale, CodeMovement::Held, &[wanted]).await;
    assert!(matches!(changed, Err(Error::Defect(_))), "{changed:?}");
    sqlx::query("update discount_code set used = 0").execute(&mut *connection).await.unwrap();
    drop(connection);
    books.close().await;
}
