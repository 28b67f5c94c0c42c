//! Stock, orders and money against a simple model in memory: after every random step both must agree. The seed is printed;
//! `MODEL_SEED` replays one, `MODEL_STEPS` makes it longer.

use std::collections::BTreeMap;

use identity::Shopper;
use purchase::basket::Changed;
use purchase::order::cancel::CancelOutcome;
use purchase::order::{OrderLink, OrderState};
use purchase::place::idempotency::{ClientKey, Key, Refusal};
use purchase::place::{PlaceOrder, PlaceOutcome, Placed, Progress};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::support::{PAYS, Shop, contact, holder, send};

const EDITIONS: u64 = 3;
const SHOPPERS: usize = 4;

/// Copies by edition.
type Lines = BTreeMap<u64, i32>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Copies {
    received: i32,
    sold: i32,
    held: i32,
}

#[derive(Debug)]
struct ModelOrder {
    link: OrderLink,
    shopper: usize,
    lines: Lines,
    state: OrderState,
}

/// What the shop must be like.
#[derive(Default)]
struct Model {
    stock: BTreeMap<u64, Copies>,
    baskets: Vec<Lines>,
    orders: Vec<ModelOrder>,
    /// What was sent under client keys, by whom, and what it came to.
    sent: Vec<(usize, PlaceOrder, PlaceOutcome)>,
}

impl Model {
    fn available(&self, edition: u64) -> i32 {
        let copies = self.stock[&edition];
        copies.received - copies.sold - copies.held
    }

    /// The first edition that a basket wants more of than there is.
    fn missing(&self, lines: &Lines) -> Option<(u64, i32)> {
        lines
            .iter()
            .map(|(edition, wanted)| (*edition, *wanted, self.available(*edition)))
            .find_map(|(edition, wanted, left)| (wanted > left).then_some((edition, left)))
    }

    fn each(&mut self, lines: &Lines, change: impl Fn(&mut Copies, i32)) {
        for (edition, quantity) in lines {
            change(self.stock.get_mut(edition).unwrap(), *quantity);
        }
    }
}

struct Trial {
    shop: Shop,
    shoppers: Vec<Shopper>,
    model: Model,
    rng: StdRng,
    keys: u32,
}

#[tokio::test]
async fn stock_orders_and_money_follow_a_simple_model() {
    run(250).await;
}

/// For `script/test --long`.
#[tokio::test]
#[ignore = "takes about half an hour"]
async fn stock_orders_and_money_follow_a_simple_model_for_long() {
    run(100_000).await;
}

fn setting(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "whoever replays a seed names it")]
    let value = std::env::var(name);
    value.ok()?.parse().ok()
}

async fn run(steps: u64) {
    let seed = setting("MODEL_SEED").unwrap_or_else(rand::random);
    let steps = setting("MODEL_STEPS").unwrap_or(steps);
    println!("seed {seed}");
    let shop = Shop::with_copies(&[12, 7, 3]).await;
    let mut model = Model { baskets: vec![Lines::new(); SHOPPERS], ..Model::default() };
    for (edition, received) in [(1, 12), (2, 7), (3, 3)] {
        model.stock.insert(edition, Copies { received, ..Copies::default() });
    }
    let mut shoppers = Vec::new();
    for _ in 0..SHOPPERS {
        shoppers.push(shop.guest_with(&[]).await);
    }
    let mut trial = Trial { shop, shoppers, model, rng: StdRng::seed_from_u64(seed), keys: 0 };
    for step in 0..steps {
        let what = trial.step().await;
        trial.compare(&format!("seed {seed}, step {step}: {what}")).await;
        if step % 50 == 0 {
            assert_eq!(trial.shop.purchase.reconcile_stock().await.unwrap(), [], "seed {seed}, step {step}");
        }
    }
    trial.close().await;
}

impl Trial {
    async fn step(&mut self) -> &'static str {
        let who = self.rng.random_range(0..SHOPPERS);
        match self.rng.random_range(0..20) {
            0..7 => self.add(who).await,
            7..11 => self.buy(who, "pm_card_visa").await,
            11 => self.buy(who, "pm_card_visa_chargeDeclined").await,
            12..14 => self.order(who).await,
            14 => self.pay().await,
            15 => self.cancel(OrderState::AwaitingPayment).await,
            16 => self.cancel(OrderState::Paid).await,
            17..19 => self.repeat().await,
            _ => self.restock().await,
        }
    }

    async fn add(&mut self, who: usize) -> &'static str {
        let (edition, quantity) = (self.rng.random_range(1..=EDITIONS), self.rng.random_range(1..=3));
        let wanted = self.model.baskets[who].get(&edition).copied().unwrap_or(0) + quantity;
        let left = self.model.available(edition);
        let expected = match wanted {
            wanted if wanted > 99 => Changed::BadQuantity,
            wanted if wanted > left => Changed::NotEnough { left },
            _ => Changed::Done,
        };
        let changed = self.shop.purchase.add_to_basket(&self.shoppers[who], edition, quantity).await.unwrap();
        assert_eq!(changed, expected);
        if changed == Changed::Done {
            self.model.baskets[who].insert(edition, wanted);
        }
        "add"
    }

    /// As an API client, paid within the request.
    async fn buy(&mut self, who: usize, method: &str) -> &'static str {
        let lines = self.model.baskets[who].clone();
        if lines.is_empty() {
            return "nothing to buy";
        }
        self.keys += 1;
        let token = self.shop.token(&self.shoppers[who]).await;
        let key = Key::Client(ClientKey::parse(&format!("key {}", self.keys)).unwrap());
        let request = PlaceOrder { key, token, contact: contact(), method: Some(method.to_owned()) };
        let outcome = send(&self.shop.purchase, &self.shoppers[who], request.clone()).await;
        match (self.model.missing(&lines), &outcome) {
            (Some((edition, left)), outcome) => {
                assert_eq!(
                    *outcome,
                    PlaceOutcome::Refused { why: Refusal::SoldOut { edition, left }, replayed: false }
                );
            }
            (None, PlaceOutcome::Placed(Placed { link, progress: Progress::Paid, .. })) if method == "pm_card_visa" => {
                self.model.each(&lines, |copies, quantity| copies.sold += quantity);
                self.model.baskets[who].clear();
                let order = ModelOrder { link: *link, shopper: who, lines, state: OrderState::Paid };
                self.model.orders.push(order);
            }
            (None, PlaceOutcome::Placed(Placed { progress: Progress::Declined { .. }, .. })) => {
                assert_ne!(method, "pm_card_visa");
            }
            (None, other) => panic!("{method}: {other:?}"),
        }
        self.model.sent.push((who, request, outcome));
        "buy"
    }

    /// By the form: copies are held until the bank has spoken.
    async fn order(&mut self, who: usize) -> &'static str {
        let lines = self.model.baskets[who].clone();
        if lines.is_empty() {
            return "nothing to order";
        }
        let token = self.shop.token(&self.shoppers[who]).await;
        match (self.model.missing(&lines), self.shop.place(&self.shoppers[who], token).await) {
            (Some((edition, left)), outcome) => {
                assert_eq!(outcome, PlaceOutcome::Refused { why: Refusal::SoldOut { edition, left }, replayed: false });
            }
            (None, PlaceOutcome::Placed(placed)) => {
                assert!(placed.payable);
                self.model.each(&lines, |copies, quantity| copies.held += quantity);
                self.model.baskets[who].clear();
                let state = OrderState::AwaitingPayment;
                self.model.orders.push(ModelOrder { link: placed.link, shopper: who, lines, state });
            }
            (None, other) => panic!("{other:?}"),
        }
        "order"
    }

    fn some_order(&mut self, state: OrderState) -> Option<usize> {
        let orders: Vec<usize> =
            (0..self.model.orders.len()).filter(|order| self.model.orders[*order].state == state).collect();
        (!orders.is_empty()).then(|| orders[self.rng.random_range(0..orders.len())])
    }

    async fn pay(&mut self) -> &'static str {
        let Some(order) = self.some_order(OrderState::AwaitingPayment) else { return "nothing to pay" };
        let link = self.model.orders[order].link;
        assert_eq!(self.shop.pay(link, PAYS).await, 303);
        self.shop.settle_until(link, OrderState::Paid).await;
        self.model.orders[order].state = OrderState::Paid;
        let lines = self.model.orders[order].lines.clone();
        self.model.each(&lines, |copies, quantity| {
            copies.held -= quantity;
            copies.sold += quantity;
        });
        "pay"
    }

    async fn cancel(&mut self, state: OrderState) -> &'static str {
        let Some(order) = self.some_order(state) else { return "nothing to cancel" };
        let (link, who) = (self.model.orders[order].link, self.model.orders[order].shopper);
        let lines = self.model.orders[order].lines.clone();
        let outcome = self.shop.purchase.cancel_order(holder(link)).await.unwrap();
        if state == OrderState::Paid {
            assert_eq!(outcome, CancelOutcome::Refunded);
            self.model.each(&lines, |copies, quantity| copies.received += quantity);
            self.model.orders[order].state = OrderState::Refunded;
        } else {
            assert_eq!(outcome, CancelOutcome::Wished);
            self.shop.settle_until(link, OrderState::Cancelled).await;
            self.model.each(&lines, |copies, quantity| copies.held -= quantity);
            self.model.orders[order].state = OrderState::Cancelled;
            for (edition, quantity) in lines {
                let line = self.model.baskets[who].entry(edition).or_default();
                *line = (*line + quantity).min(99);
            }
        }
        "cancel"
    }

    /// Something that was sent before, once more: the same answer, and nothing happens.
    async fn repeat(&mut self) -> &'static str {
        if self.model.sent.is_empty() {
            return "nothing to repeat";
        }
        let (who, request, outcome) = self.model.sent[self.rng.random_range(0..self.model.sent.len())].clone();
        let expected = match outcome {
            PlaceOutcome::Placed(placed) => PlaceOutcome::Placed(Placed { replayed: true, ..placed }),
            PlaceOutcome::Refused { why: Refusal::SoldOut { edition, left }, .. } => {
                PlaceOutcome::Refused { why: Refusal::SoldOut { edition, left }, replayed: true }
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(send(&self.shop.purchase, &self.shoppers[who], request).await, expected);
        "repeat"
    }

    async fn restock(&mut self) -> &'static str {
        let (edition, copies) = (self.rng.random_range(1..=EDITIONS), self.rng.random_range(1..=4));
        self.shop.sql(&format!("update stock set received = received + {copies} where edition_id = {edition}")).await;
        self.shop
            .sql(&format!(
                "insert into stock_ledger (edition_id, movement, quantity, by_whom) \
                 values ({edition}, 'received', {copies}, 'test')"
            ))
            .await;
        self.model.stock.get_mut(&edition).unwrap().received += copies;
        "restock"
    }

    async fn compare(&self, context: &str) {
        for (edition, copies) in &self.model.stock {
            let (received, sold, held) = self.shop.stock(*edition).await;
            assert_eq!(Copies { received, sold, held }, *copies, "{context}, edition {edition}");
        }
        for (shopper, lines) in self.shoppers.iter().zip(&self.model.baskets) {
            let count = self.shop.purchase.basket_count(shopper).await.unwrap();
            assert_eq!(count, lines.values().copied().map(i64::from).sum::<i64>(), "{context}, a basket");
        }
    }

    /// What is still under way comes to its end, then the books are held against the bank's.
    async fn close(self) {
        for order in &self.model.orders {
            assert_eq!(self.shop.state(order.link).await, order.state);
        }
        let under_way = "(select 1 from payment_attempt where state = 'authorised' union all \
                         select 1 from refund where state in ('owed', 'pending')) as under_way";
        while self.shop.count(under_way).await > 0 {
            self.shop.sql("update refund set due_at = utc_timestamp(6) where state in ('owed', 'pending')").await;
            self.shop.everything_is_due().await;
            self.shop.purchase.work_once().await.unwrap();
        }
        let since = time::OffsetDateTime::now_utc() - time::Duration::DAY;
        assert_eq!(self.shop.purchase.reconcile_payments(since).await.unwrap(), []);
        self.shop.close().await;
    }
}
