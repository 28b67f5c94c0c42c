//! The index follows the catalogue.

use std::time::Duration;

use search::{Found, Index, Query};
use tokio_util::sync::CancellationToken;

use crate::{DEMO, Shop};

async fn finds(index: &Index, text: &str) -> bool {
    let query = Query { text: text.to_owned(), page: 1, per_page: 1 };
    matches!(index.find(query).await.unwrap(), Found::Exact(_))
}

#[tokio::test]
async fn a_changed_book_is_findable_in_every_instance_after_catching_up() {
    let shop = Shop::open().await;
    let one = Index::open(shop.test.database.clone(), None).await.unwrap();
    let other = Index::open(shop.test.database.clone(), None).await.unwrap();
    one.catch_up().await.unwrap();
    assert_eq!(one.catch_up().await.unwrap(), 0, "what was seen is not read again");
    assert!(!finds(&one, "zanzibar").await);

    let later = DEMO.replace("title = \"Emma\"", "title = \"Zanzibar\"");
    crate::import(&shop.test.database, &later).await;
    assert_eq!(one.catch_up().await.unwrap(), 1);
    other.catch_up().await.unwrap();
    for index in [one, other] {
        assert!(finds(&index, "zanzibar").await);
        assert!(!finds(&index, "emma").await);
    }
    shop.close().await;
}

#[tokio::test]
async fn a_change_that_commits_out_of_order_is_not_missed() {
    let shop = Shop::open().await;
    let index = Index::open(shop.test.database.clone(), None).await.unwrap();
    index.catch_up().await.unwrap();
    let database = &shop.test.database;
    let (early, late) = (shop.imported.offers[0].edition_id, shop.imported.offers[9].edition_id);

    let mut slow = database.begin().await.unwrap();
    sqlx::query("insert into book_change (edition_id) values (?)").bind(early).execute(&mut *slow).await.unwrap();
    sqlx::query("insert into book_change (edition_id) values (?)").bind(late).execute(database.pool()).await.unwrap();
    assert_eq!(index.catch_up().await.unwrap(), 1);
    slow.end(Ok::<_, database::Error>(())).await.unwrap();
    assert_eq!(index.catch_up().await.unwrap(), 1);
    assert_eq!(index.catch_up().await.unwrap(), 0);
    shop.close().await;
}

#[tokio::test]
async fn changes_older_than_a_minute_settle() {
    let shop = Shop::open().await;
    let pool = shop.test.database.pool();
    sqlx::query("update book_change set changed_at = now(6) - interval 2 minute").execute(pool).await.unwrap();
    let index = Index::open(shop.test.database.clone(), None).await.unwrap();
    assert_eq!(index.catch_up().await.unwrap(), 0);
    assert!(finds(&index, "dune").await);
    shop.close().await;
}

#[tokio::test]
async fn a_running_index_follows_within_two_seconds_and_stops_when_told() {
    let shop = Shop::open().await;
    let index = Index::open(shop.test.database.clone(), None).await.unwrap();
    let cancel = CancellationToken::new();
    let running = tokio::spawn({
        let (index, cancel) = (index.clone(), cancel.clone());
        async move { index.run(cancel).await }
    });
    let later = DEMO.replace("title = \"Emma\"", "title = \"Zanzibar\"");
    crate::import(&shop.test.database, &later).await;
    let found = tokio::time::timeout(Duration::from_secs(2), async {
        while !finds(&index, "zanzibar").await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    found.await.expect("findable within two seconds");
    cancel.cancel();
    running.await.unwrap();
    shop.close().await;
}

#[tokio::test]
async fn an_index_on_disk_is_built_anew_and_leaves_its_neighbours_alone() {
    let shop = Shop::open().await;
    let dir = std::env::temp_dir().join(format!("octavo-index-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("neighbour"), "stays").unwrap();
    for _ in 0..2 {
        let index = Index::open(shop.test.database.clone(), Some(dir.clone())).await.unwrap();
        assert!(finds(&index, "dune").await);
    }
    assert_eq!(std::fs::read_to_string(dir.join("neighbour")).unwrap(), "stays");
    std::fs::remove_dir_all(&dir).unwrap();
    shop.close().await;
}
