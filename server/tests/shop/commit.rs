//! The server dies (SIGKILL), or its line to the database ends, exactly around a COMMIT of a purchase: the same key again
//! and the worker bring everything to the end that it has without that.

use std::path::Path;

use database::testing::{Line, Trouble};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Answer, Client, DELIVERY, Settings, Stock, TestMail, TestShop, address, within};

const CARD: &str = "pm_card_visa";
const BAD_CARD: &str = "pm_card_chargeDeclinedInsufficientFunds";

/// What the transactions of a purchase say, each alone: the hold, then each step of its payment.
const HOLD: &str = r#""state":"creating""#;
const OPEN: &str = r#""from":"creating","to":"open""#;
const SALE: &str = r#""from":"open","to":"authorised""#;
const CAPTURE: &str = r#""from":"authorised","to":"captured""#;
const UNPAID: &str = r#""to":"closed""#;

/// A program that is about to order a copy with a card, under a key of its own.
struct Buyer {
    api: Client,
    order: Value,
    key: String,
}

impl Buyer {
    async fn come(shop: &TestShop, card: &str) -> Self {
        let api = shop.api();
        assert_eq!(api.add(shop.edition("emma").await, 1).await.status, 200);
        let mut order: Value =
            address().into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        order["token"] = json!(api.checkout_token().await);
        order["payment_method"] = json!(card);
        Self { api, order, key: format!("{:032x}", rand::random::<u128>()) }
    }

    async fn ask(&self) -> Option<Answer> {
        let request = self.api.request(Method::POST, "/api/place_order").header("Idempotency-Key", &self.key);
        self.api.try_send(request.json(&self.order)).await.ok()
    }

    /// Asks until there is an answer that stays.
    async fn insist(&self, shop: &TestShop) -> Answer {
        let mut last = None;
        within("the order is answered for good", async || {
            shop.hurry().await;
            last = self.ask().await.filter(|answer| !matches!(answer.status, 202 | 409 | 500..));
            last.is_some()
        })
        .await;
        last.unwrap()
    }
}

/// All that the newest order has come to.
async fn end_of_last(shop: &TestShop) -> String {
    shop.until_captured().await;
    let sql = r#"
        select concat_ws('; ', state,
            (select group_concat(concat(from_state, '>', to_state) order by id) from order_event where order_id = orders.id),
            (select group_concat(concat(movement, ' ', quantity) order by id) from stock_ledger where order_id = orders.id),
            (select group_concat(state) from payment_attempt where order_id = orders.id),
            (select group_concat(type) from outbox where subject_id = orders.id),
            (select count(*) from idempotency where order_id = orders.id))
        from orders order by created_at desc limit 1
    "#;
    sqlx::query_scalar(sql).fetch_one(shop.database().pool()).await.unwrap()
}

/// Lays the line over which these settings' database is reached from now on.
fn lay(settings: &mut Settings, folder: &Path) -> Line {
    let line = Line::lay(&settings.database_url, folder);
    settings.database_url.clone_from(&line.url);
    line
}

/// PURCHASE 20, 21, 23, 24, 25: killed before and after every COMMIT of a purchase, the bank's answer in hand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_around_any_commit_has_sold_once_when_it_is_asked_again() {
    let (folder, mut line) = (TempDir::new().unwrap(), None);
    let (shop, mut process) = TestShop::open_process_with(|settings| line = Some(lay(settings, folder.path()))).await;
    let (line, mail) = (line.unwrap(), TestMail::open(&shop.settings).await);
    Buyer::come(&shop, CARD).await.insist(&shop).await;
    let (calm, mut bought) = (end_of_last(&shop).await, 1);
    for words in [HOLD, OPEN, SALE, CAPTURE] {
        for trouble in [Trouble::BeforeCommit, Trouble::AfterCommit] {
            let buyer = Buyer::come(&shop, CARD).await;
            line.hold(trouble, words);
            let (_, ()) = tokio::join!(buyer.ask(), async {
                within("the COMMIT is under way", async || line.troubles().len() == bought).await;
                process.kill().await;
            });
            process = process.restart().await;
            assert_eq!(buyer.insist(&shop).await.json()["paid"], true);
            assert_eq!(end_of_last(&shop).await, calm, "{trouble:?} {words}");
            bought += 1;
        }
    }
    let (copies, count) = (i32::try_from(bought).unwrap(), i64::try_from(bought).unwrap());
    assert_eq!(shop.stock("emma").await, Stock { sell_count: copies, held: 0, available: 200 - copies });
    assert_eq!(shop.bank.captured().await, count * (999 + DELIVERY));
    assert_eq!(shop.count("select count(*) from orders").await, count);
    within("every mail has come", async || mail.arrived().len() >= bought).await;
    assert_eq!(mail.arrived().len(), bought);
    mail.close().await;
    shop.close_process(process).await;
}

/// PURCHASE 24: the line ends around every COMMIT; whether it took effect, nobody is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_of_which_nobody_knows_is_looked_up_and_made_once() {
    let (folder, mut line) = (TempDir::new().unwrap(), None);
    let shop = TestShop::open_with(|settings| line = Some(lay(settings, folder.path()))).await;
    let line = line.unwrap();
    Buyer::come(&shop, CARD).await.insist(&shop).await;
    let (calm, mut bought) = (end_of_last(&shop).await, 1);
    for words in [HOLD, OPEN, SALE, CAPTURE] {
        for trouble in [Trouble::BeforeCommit, Trouble::InCommit, Trouble::AfterCommit] {
            let buyer = Buyer::come(&shop, CARD).await;
            line.cut(trouble, words);
            buyer.ask().await;
            assert_eq!(buyer.insist(&shop).await.json()["paid"], true);
            assert_eq!(end_of_last(&shop).await, calm, "{trouble:?} {words}");
            assert_eq!(line.troubles().len(), bought, "{trouble:?} {words}");
            bought += 1;
        }
    }
    assert_eq!(shop.bank.captured().await, i64::try_from(bought).unwrap() * (999 + DELIVERY));
    shop.close().await;
}

/// PURCHASE 27: killed while a declined order ends; its copies and its lines go back once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_while_an_order_ends_unpaid_gives_everything_back_once() {
    let (folder, mut line) = (TempDir::new().unwrap(), None);
    let (shop, mut process) = TestShop::open_process_with(|settings| line = Some(lay(settings, folder.path()))).await;
    let line = line.unwrap();
    let declined = Buyer::come(&shop, BAD_CARD).await.insist(&shop).await;
    assert_eq!((declined.status, declined.problem().as_str()), (402, "declined"));
    let calm = end_of_last(&shop).await;
    for (count, trouble) in [Trouble::BeforeCommit, Trouble::AfterCommit].into_iter().enumerate() {
        let buyer = Buyer::come(&shop, BAD_CARD).await;
        line.hold(trouble, UNPAID);
        let (_, ()) = tokio::join!(buyer.ask(), async {
            within("the COMMIT is under way", async || line.troubles().len() > count).await;
            process.kill().await;
        });
        process = process.restart().await;
        let answer = buyer.insist(&shop).await;
        assert_eq!((answer.status, &answer.body), (402, &declined.body));
        assert_eq!(end_of_last(&shop).await, calm, "{trouble:?}");
        assert_eq!(buyer.api.basket().await, [("Emma".to_owned(), 1)]);
    }
    assert_eq!(shop.stock("emma").await, Stock { sell_count: 0, held: 0, available: 200 });
    assert_eq!((shop.bank.captured().await, shop.count("select count(*) from outbox").await), (0, 0));
    shop.close_process(process).await;
}
