//! Many at once: one order of one form, one buyer of one copy.

use std::collections::HashMap;

use futures::future::join_all;

use crate::harness::{Answer, Client, Stock, TestShop};

/// PURCHASE 3, 34: a double click, and an impatient one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_form_sent_five_times_at_once_makes_one_order() {
    let shop = TestShop::open().await;
    let browser = shop.browser();
    browser.add(shop.edition("emma").await, 2).await;
    let token = browser.checkout_token().await;
    let answers = join_all((0..5).map(|_| browser.place(&token))).await;
    let link = answers[0].order_link();
    for answer in &answers {
        assert_eq!(answer.order_link(), link, "all are led to the same order");
    }
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(shop.stock("emma").await.held, 2);
    browser.pay(&shop, &link, crate::harness::PAYS).await;
    let again = browser.place(&token).await;
    assert_eq!(again.order_link(), link, "and so is who sends it once more after paying");
    assert_eq!(again.location(), format!("/order/{link}"), "where there is nothing left to pay");
    shop.close().await;
}

/// PURCHASE 3, as a program meets it: one runs, the others hear that it is under way or are told its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_equal_requests_one_runs_and_the_others_replay_it() {
    let shop = TestShop::open().await;
    let api = shop.api();
    api.add(shop.edition("emma").await, 1).await;
    let token = api.checkout_token().await;
    let answers = join_all((0..64).map(|_| api.place(&token))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    let link = answers[0].order_link();
    assert!(answers.iter().all(|answer| answer.order_link() == link));
    let replayed = answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true").count();
    assert_eq!(replayed, 63);
    assert_eq!(shop.count("select count(*) from payment_attempt").await, 1);
    shop.close().await;
}

/// SECURITY 67.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_copy_goes_to_one_of_sixteen() {
    let shop = TestShop::open().await;
    let answers = race(&shop, &[&shop.url], 16).await;
    only_one_won(&shop, &answers).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_sell_the_last_copy_once() {
    let mut shop = TestShop::open().await;
    let second = shop.second_server().await;
    let answers = race(&shop, &[&shop.url, &second], 8).await;
    only_one_won(&shop, &answers).await;
    let winner = answers.iter().find(|(_, answer)| answer.status == 200).unwrap();
    winner.0.pay(&shop, &winner.1.order_link(), crate::harness::PAYS).await;
    assert_eq!(shop.stock("middlemarch").await, Stock { sell_count: 1, held: 0, available: 0 });
    shop.close().await;
}

/// The same token at two servers at once: the database tells them apart, not a lock in a process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_form_at_two_servers_makes_one_order() {
    let mut shop = TestShop::open().await;
    let second = shop.second_server().await;
    let first = shop.api();
    first.add(shop.edition("emma").await, 1).await;
    let token = first.checkout_token().await;
    let other = first.at(&second);
    let (one, two) = tokio::join!(first.place(&token), other.place(&token));
    assert_eq!(one.order_link(), two.order_link());
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    shop.close().await;
}

/// Baskets that hold the same books in opposite order lock the stock rows in one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn baskets_in_opposite_order_do_not_stand_in_each_others_way() {
    let shop = TestShop::open().await;
    shop.execute(
        r#"
        insert into stock (edition_id, received) select id, 100 from edition
        on duplicate key update received = received + 100;
        insert into stock_ledger (edition_id, movement, quantity, by_whom)
        select id, 'received', 100, 'test' from edition;
        "#,
    )
    .await;
    let (emma, ulysses) = (shop.edition("emma").await, shop.edition("ulysses").await);
    let buyers = join_all((0..12).map(|number| {
        let buyer = shop.api();
        let editions = if number % 2 == 0 { [emma, ulysses] } else { [ulysses, emma] };
        async move {
            for edition in editions {
                assert_eq!(buyer.add(edition, 1).await.status, 200);
            }
            (buyer.checkout_token().await, buyer)
        }
    }))
    .await;
    let answers = join_all(buyers.iter().map(|(token, buyer)| buyer.place(token))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(shop.stock("ulysses").await.held, 12);
    shop.close().await;
}

/// Lets as many buyers want the one copy of Middlemarch at the same moment.
async fn race(shop: &TestShop, servers: &[&str], buyers: usize) -> Vec<(Client, Answer)> {
    let edition = shop.edition("middlemarch").await;
    let buyers = join_all((0..buyers).map(|number| {
        let buyer = shop.api().at(servers[number % servers.len()]);
        async move {
            assert_eq!(buyer.add(edition, 1).await.status, 200, "a basket takes nothing from the shelf");
            (buyer.checkout_token().await, buyer)
        }
    }))
    .await;
    let answers = join_all(buyers.iter().map(|(token, buyer)| buyer.place(token))).await;
    buyers.into_iter().map(|(_, buyer)| buyer).zip(answers).collect()
}

async fn only_one_won(shop: &TestShop, answers: &[(Client, Answer)]) {
    let mut outcomes: HashMap<String, usize> = HashMap::new();
    for (_, answer) in answers {
        let outcome = if answer.status == 200 { "placed".to_owned() } else { answer.problem() };
        if outcome == "sold_out" {
            assert_eq!((answer.status, answer.json()["left"].as_i64()), (409, Some(0)));
        }
        *outcomes.entry(outcome).or_default() += 1;
    }
    let expected = HashMap::from([("placed".to_owned(), 1), ("sold_out".to_owned(), answers.len() - 1)]);
    assert_eq!(outcomes, expected);
    assert_eq!(shop.stock("middlemarch").await, Stock { sell_count: 0, held: 1, available: 0 });
    assert_eq!(shop.count("select count(*) from orders").await, 1, "nothing stays of the others");
}
