//! Stock, orders, codes, cards and money against a simple model in memory: after every random step both must agree. The seed is printed;
//! `MODEL_SEED` replays one, `MODEL_STEPS` makes it longer.

use std::collections::BTreeMap;

use identity::Shopper;
use purchase::basket::{Changed, Redeemable, Redeemed};
use purchase::order::cancel::CancelOutcome;
use purchase::order::{OrderLink, OrderState};
use purchase::place::idempotency::{ClientKey, Key, Refusal};
use purchase::place::{PlaceOrder, PlaceOutcome, Placed, Progress};
use purchase::total::Discount;
use purchase::total::cards::CardRefused;
use purchase::total::codes::CodeRefused;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::redeeming::{card, code, redeemed};
use crate::support::{PAYS, Shop, contact, holder, send};

const EDITIONS: u64 = 3;
const SHOPPERS: usize = 4;
/// How many orders may use the code, and what the card was issued over, in cents.
const CODE_USES: i64 = 6;
const CARD: i64 = 30_000;

/// Copies by edition.
type Lines = BTreeMap<u64, i32>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Copies {
    received: i32,
    sold: i32,
    held: i32,
}

/// What lies in a basket besides books.
#[derive(Clone, Copy, Debug, Default)]
struct Redeems {
    code: bool,
    card: bool,
}

/// What an order costs, in cents.
#[derive(Clone, Copy, Debug)]
struct Price {
    used_code: bool,
    by_card: i64,
    to_pay: i64,
}

#[derive(Debug)]
struct ModelOrder {
    link: OrderLink,
    shopper: usize,
    lines: Lines,
    redeems: Redeems,
    price: Price,
    state: OrderState,
}

/// What the shop must be like.
#[derive(Default)]
struct Model {
    stock: BTreeMap<u64, Copies>,
    baskets: Vec<Lines>,
    redeems: Vec<Redeems>,
    /// Held and used of the code's uses, held and spent of the card's cents.
    code: (i64, i64),
    card: (i64, i64),
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

    /// Ten euros a book, a tenth off by code; the card pays what it can, but leaves nothing that is too little for the bank.
    fn price(&self, who: usize) -> Price {
        let goods = 1000 * self.baskets[who].values().copied().map(i64::from).sum::<i64>();
        let used_code = self.redeems[who].code && self.code.0 + self.code.1 < CODE_USES;
        let total = if used_code { goods - goods / 10 } else { goods };
        let left = if self.redeems[who].card { CARD - self.card.0 - self.card.1 } else { 0 };
        let by_card = match total - left {
            ..=0 => total,
            1..50 => total - 50,
            _ => left,
        };
        Price { used_code, by_card, to_pay: total - by_card }
    }

    /// What was in the basket is an order now: copies, code and card are held.
    fn take(&mut self, who: usize, link: OrderLink, price: Price) -> ModelOrder {
        let lines = std::mem::take(&mut self.baskets[who]);
        let redeems = std::mem::take(&mut self.redeems[who]);
        self.each(&lines, |copies, quantity| copies.held += quantity);
        self.code.0 += i64::from(price.used_code);
        self.card.0 += price.by_card;
        ModelOrder { link, shopper: who, lines, redeems, price, state: OrderState::AwaitingPayment }
    }

    fn sell(&mut self, order: &mut ModelOrder) {
        self.each(&order.lines, |copies, quantity| {
            copies.held -= quantity;
            copies.sold += quantity;
        });
        self.code = (self.code.0 - i64::from(order.price.used_code), self.code.1 + i64::from(order.price.used_code));
        self.card = (self.card.0 - order.price.by_card, self.card.1 + order.price.by_card);
        order.state = OrderState::Paid;
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
    card: String,
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
    let mut model = Model {
        baskets: vec![Lines::new(); SHOPPERS],
        redeems: vec![Redeems::default(); SHOPPERS],
        ..Model::default()
    };
    for (edition, received) in [(1, 12), (2, 7), (3, 3)] {
        model.stock.insert(edition, Copies { received, ..Copies::default() });
    }
    let mut shoppers = Vec::new();
    for _ in 0..SHOPPERS {
        shoppers.push(shop.guest_with(&[]).await);
    }
    let most_uses = u32::try_from(CODE_USES).ok();
    code(&shop, "TENTH", Discount::Percentage { basis_points: 1000 }, most_uses).await;
    let card = card(&shop, CARD).await;
    let mut trial = Trial { shop, shoppers, model, card, rng: StdRng::seed_from_u64(seed), keys: 0 };
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
        match self.rng.random_range(0..24) {
            20..22 => self.redeem(who, Redeemable::DiscountCode).await,
            22 => self.redeem(who, Redeemable::GiftCard).await,
            23 => self.take_out(who).await,
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

    async fn redeem(&mut self, who: usize, kind: Redeemable) -> &'static str {
        let is_code = kind == Redeemable::DiscountCode;
        let typed = if is_code { "tenth" } else { self.card.as_str() };
        let expected = match (self.model.baskets[who].is_empty(), is_code) {
            (true, _) => Redeemed::EmptyBasket,
            (_, true) if self.model.code.0 + self.model.code.1 >= CODE_USES => {
                Redeemed::CodeRefused(CodeRefused::UsedUp)
            }
            (_, false) if self.model.card.0 + self.model.card.1 >= CARD => Redeemed::CardRefused(CardRefused::Empty),
            _ => Redeemed::Done(kind),
        };
        assert_eq!(self.shop.purchase.redeem(&self.shoppers[who], typed).await.unwrap(), expected);
        if matches!(expected, Redeemed::Done(_)) {
            let redeems = &mut self.model.redeems[who];
            *(if is_code { &mut redeems.code } else { &mut redeems.card }) = true;
        }
        "redeem"
    }

    async fn take_out(&mut self, who: usize) -> &'static str {
        for kind in [Redeemable::DiscountCode, Redeemable::GiftCard] {
            self.shop.purchase.take_out(&self.shoppers[who], kind).await.unwrap();
        }
        self.model.redeems[who] = Redeems::default();
        "take out"
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
        let price = self.model.price(who);
        let outcome = send(&self.shop.purchase, &self.shoppers[who], request.clone()).await;
        let pays = method == "pm_card_visa" || price.to_pay == 0;
        match (self.model.missing(&lines), &outcome) {
            (Some((edition, left)), outcome) => {
                assert_eq!(
                    *outcome,
                    PlaceOutcome::Refused { why: Refusal::SoldOut { edition, left }, replayed: false }
                );
            }
            (None, PlaceOutcome::Placed(Placed { link, progress: Progress::Paid, .. })) if pays => {
                let mut order = self.model.take(who, *link, price);
                self.model.sell(&mut order);
                self.model.orders.push(order);
            }
            (None, PlaceOutcome::Placed(Placed { progress: Progress::Declined { .. }, .. })) => assert!(!pays),
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
        let price = self.model.price(who);
        match (self.model.missing(&lines), self.shop.place(&self.shoppers[who], token).await) {
            (Some((edition, left)), outcome) => {
                assert_eq!(outcome, PlaceOutcome::Refused { why: Refusal::SoldOut { edition, left }, replayed: false });
            }
            (None, PlaceOutcome::Placed(placed)) => {
                assert_eq!(placed.payable, price.to_pay > 0);
                let mut order = self.model.take(who, placed.link, price);
                if price.to_pay == 0 {
                    self.model.sell(&mut order);
                }
                self.model.orders.push(order);
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
        let mut paid = self.model.orders.swap_remove(order);
        self.model.sell(&mut paid);
        self.model.orders.push(paid);
        "pay"
    }

    async fn cancel(&mut self, state: OrderState) -> &'static str {
        let Some(order) = self.some_order(state) else { return "nothing to cancel" };
        let (link, who) = (self.model.orders[order].link, self.model.orders[order].shopper);
        let (redeems, price) = (self.model.orders[order].redeems, self.model.orders[order].price);
        let lines = self.model.orders[order].lines.clone();
        let outcome = self.shop.purchase.cancel_order(holder(link)).await.unwrap();
        if state == OrderState::Paid {
            assert_eq!(outcome, CancelOutcome::Refunded);
            self.model.each(&lines, |copies, quantity| copies.received += quantity);
            self.model.code.1 -= i64::from(price.used_code);
            self.model.card.1 -= price.by_card;
            self.model.orders[order].state = OrderState::Refunded;
        } else {
            assert_eq!(outcome, CancelOutcome::Wished);
            self.shop.settle_until(link, OrderState::Cancelled).await;
            self.model.each(&lines, |copies, quantity| copies.held -= quantity);
            self.model.code.0 -= i64::from(price.used_code);
            self.model.card.0 -= price.by_card;
            self.model.redeems[who].code |= redeems.code;
            self.model.redeems[who].card |= redeems.card;
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
        let redeemed = redeemed(&self.shop).await;
        let (code, card) = (self.model.code, self.model.card);
        assert_eq!(redeemed, (code.0, code.1, card.0, card.1), "{context}, the code and the card");
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
