//! What a buyer wants: books, where they are to go, a discount code, a gift card.

use rand::RngExt;
use serde_json::{Value, json};

use super::Buyer;
use crate::history::Operation;

/// Of which some have other rates, and one has none for what is heavy.
const COUNTRIES: [&str; 5] = ["AT", "AT", "DE", "FR", "JP"];

impl Buyer {
    /// Puts books in, and now and then decides how they are delivered and what makes them cheaper.
    pub(super) async fn fill_basket(&mut self) -> Option<()> {
        for _ in 0..self.rng.random_range(1..=3) {
            let edition = self.edition();
            let wish = json!({ "edition": edition, "quantity": self.rng.random_range(1..=2) });
            self.client.post("/api/add_to_basket", &wish).await?;
        }
        if self.chance(30) {
            let way = if self.chance(40) { "collect" } else { "ship" };
            let country = COUNTRIES[self.rng.random_range(0..COUNTRIES.len())];
            self.client.post("/api/set_delivery", &json!({ "way": way, "country": country })).await?;
        }
        if self.chance(30) {
            let code = self.shop.vouchers.some_code(&mut self.rng);
            self.client.post("/api/add_code", &json!({ "code": code })).await?;
        }
        if self.chance(30) {
            let card = self.shop.vouchers.some_card(&mut self.rng);
            self.cards.insert(card.id);
            self.client.post("/api/add_code", &json!({ "code": card.code })).await?;
        }
        if self.chance(5) {
            self.remove_code().await?;
        }
        Some(())
    }

    async fn remove_code(&mut self) -> Option<()> {
        let kind = if self.chance(50) { "discount_code" } else { "gift_card" };
        self.client.post("/api/remove_code", &json!({ "kind": kind })).await?;
        Some(())
    }

    /// The basket as the checkout shows it, to be ordered.
    pub(super) async fn wish(&mut self) -> Option<Operation> {
        let mut basket = self.client.get("/api/checkout").await?.json()["basket"].take();
        if basket["obstacle"] != Value::Null {
            // Too little to pay for the bank, or too heavy for the way.
            self.client.post("/api/remove_code", &json!({ "kind": "discount_code" })).await?;
            self.client.post("/api/set_delivery", &json!({ "way": "ship", "country": "AT" })).await?;
            basket = self.client.get("/api/checkout").await?.json()["basket"].take();
        }
        let lines = basket["lines"].as_array()?.iter();
        let wants = lines.filter_map(|line| Some((line["edition"].as_u64()?, line["quantity"].as_i64()?))).collect();
        let discount = basket["discount_code"]["problem"] == Value::Null;
        let discount = basket["discount_code"]["code"].as_str().filter(|_| discount).unwrap_or_default();
        // A basket may have got a card from an earlier order: it is known where only one was ever typed in.
        let card = self.cards.first().filter(|_| self.cards.len() == 1).cloned().unwrap_or_default();
        // Some are known by their address already.
        let email = match self.chance(20) {
            true => format!("b{}@buyer.example", self.number % 20),
            false => format!("b{}-{}@buyer.example", self.number, self.purchases),
        };
        Some(Operation {
            buyer: self.number,
            email,
            token: basket["token"].as_str()?.to_owned(),
            wants,
            discount: discount.to_owned(),
            card,
            card_part: basket["cost"]["gift_card"]["minor"].as_i64().unwrap_or(0),
            ..Operation::default()
        })
    }
}
