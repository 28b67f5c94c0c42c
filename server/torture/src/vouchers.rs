//! Discount codes with few uses and gift cards with little money, as staff makes them; new ones come while people buy.

use std::sync::Mutex;

use database::Database;
use purchase::Error;
use purchase::money::{Currency, Money};
use purchase::total::codes::{Created, NewCode};
use purchase::total::{Discount, cards, codes};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use time::macros::datetime;

/// How many of the newest people know: the older ones are used up.
const KNOWN: usize = 6;

/// A gift card in somebody's hand.
#[derive(Clone, Debug)]
pub struct Card {
    /// The card's id, in hexadecimal digits.
    pub id: String,
    pub code: String,
}

/// All that were made.
#[derive(Default)]
pub struct Vouchers {
    codes: Mutex<Vec<String>>,
    cards: Mutex<Vec<Card>>,
}

impl Vouchers {
    /// Makes one of each.
    pub async fn issue(&self, database: &Database, rng: &mut impl Rng) -> Result<(), Error> {
        let code = format!("CODE{:08X}", rng.random::<u32>());
        let discount = match rng.random_range(0..4) {
            0 => Discount::Amount(eur(rng.random_range(100..2500))),
            1 => Discount::Percentage { basis_points: 10_000 },
            _ => Discount::Percentage { basis_points: rng.random_range(500..6000) },
        };
        let new = NewCode {
            code: code.clone(),
            discount,
            starts_at: datetime!(2020-01-01 00:00),
            ends_at: None,
            most_uses: rng.random_ratio(4, 5).then(|| rng.random_range(1..=12)),
            most_per_customer: rng.random_ratio(1, 2).then_some(1),
        };
        let amount = eur(rng.random_range(300..8000));
        let mut tx = database.begin().await?;
        let result = async {
            let created = codes::create(&mut tx, &new).await?;
            Ok::<_, Error>((created, cards::issue(&mut tx, amount, "nemesis").await?))
        }
        .await;
        let (created, issued) = tx.end(result).await?;
        if let Created::Done(_) = created {
            self.codes.lock().unwrap().push(code);
        }
        let card = Card { id: issued.id.simple().to_string(), code: issued.code.to_string() };
        self.cards.lock().unwrap().push(card);
        Ok(())
    }

    pub fn some_code(&self, rng: &mut impl Rng) -> String {
        newest(&self.codes.lock().unwrap()).choose(rng).unwrap().clone()
    }

    pub fn some_card(&self, rng: &mut impl Rng) -> Card {
        newest(&self.cards.lock().unwrap()).choose(rng).unwrap().clone()
    }
}

fn newest<T>(all: &[T]) -> &[T] {
    &all[all.len().saturating_sub(KNOWN)..]
}

fn eur(cents: i64) -> Money {
    Money::new(cents, Currency::Eur)
}
