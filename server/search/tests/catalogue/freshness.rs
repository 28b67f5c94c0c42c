//! The index follows the catalogue.

use std::path::{Path, PathBuf};
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
    let one = shop.index(None).await;
    let other = shop.index(None).await;
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
    let index = shop.index(None).await;
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
    let index = shop.index(None).await;
    assert_eq!(index.catch_up().await.unwrap(), 0);
    assert!(finds(&index, "dune").await);
    shop.close().await;
}

#[tokio::test]
async fn a_running_index_follows_within_two_seconds_and_stops_when_told() {
    let shop = Shop::open().await;
    let index = shop.index(None).await;
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

/// A folder of its own, gone with its last test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("octavo-index-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("neighbour"), "stays").unwrap();
        Self(dir)
    }

    /// The folder of the index in it, of which there is one.
    fn index(&self) -> PathBuf {
        let entries = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
        assert_eq!(folders.len(), 1, "{folders:?}");
        folders[0].clone()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        assert_eq!(std::fs::read_to_string(self.0.join("neighbour")).unwrap(), "stays");
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// What happened while no process had the index is read from the changes, and nothing else.
#[tokio::test]
async fn an_index_on_disk_goes_on_where_it_was() {
    let shop = Shop::open().await;
    let dir = Folder::new("kept");
    drop(shop.index(Some(&dir.0)).await);
    let kept = dir.index();
    sqlx::query("update book_change set changed_at = now(6) - interval 2 minute")
        .execute(shop.test.database.pool())
        .await
        .unwrap();
    let index = Index::open(shop.test.database.clone(), Some(dir.0.clone())).await.unwrap();
    assert!(index.is_complete() && finds(&index, "dune").await, "at once");
    let all = index.catch_up().await.unwrap();
    assert!(all > 0 && finds(&index, "dune").await);
    crate::import(&shop.test.database, &DEMO.replace("title = \"Emma\"", "title = \"Zanzibar\"")).await;
    assert_eq!(index.catch_up().await.unwrap(), 1);
    drop(index);
    let index = Index::open(shop.test.database.clone(), Some(dir.0.clone())).await.unwrap();
    assert_eq!(index.catch_up().await.unwrap(), 1, "what may not have been seen by all is read once more");
    assert!(finds(&index, "zanzibar").await);
    assert_eq!(dir.index(), kept);
    shop.close().await;
}

fn damage(way: &str, file: &Path) {
    match way {
        "cut off" => std::fs::write(file, "").unwrap(),
        "gone" => std::fs::remove_file(file).unwrap(),
        _ => {
            let mut bytes = std::fs::read(file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 255;
            std::fs::write(file, bytes).unwrap();
        }
    }
}

#[tokio::test]
async fn an_index_that_is_damaged_or_of_another_shop_is_built_anew() {
    let (shop, other) = (Shop::open().await, Shop::open().await);
    let dir = Folder::new("damaged");
    drop(shop.index(Some(&dir.0)).await);
    for way in ["cut off", "gone", "changed"] {
        let folder = dir.index();
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let largest = files.max_by_key(|file| std::fs::metadata(file).unwrap().len()).unwrap();
        damage(way, &largest);
        let index = shop.index(Some(&dir.0)).await;
        assert!(finds(&index, "dune").await, "{way}");
        drop(index);
        assert_ne!(dir.index(), folder, "{way}");
    }
    let folder = dir.index();
    drop(other.index(Some(&dir.0)).await);
    assert_ne!(dir.index(), folder);
    other.close().await;
    shop.close().await;
}

/// A second process must not take the first one's index away.
#[tokio::test]
async fn an_index_that_another_process_has_is_left_to_it() {
    let shop = Shop::open().await;
    let dir = Folder::new("shared");
    let first = shop.index(Some(&dir.0)).await;
    let folder = dir.index();
    let second = shop.index(Some(&dir.0)).await;
    assert!(finds(&second, "dune").await);
    assert_eq!(dir.index(), folder);
    crate::import(&shop.test.database, &DEMO.replace("title = \"Emma\"", "title = \"Zanzibar\"")).await;
    for index in [&first, &second] {
        index.catch_up().await.unwrap();
        assert!(finds(index, "zanzibar").await);
    }
    drop(second);
    assert_eq!(dir.index(), folder);
    drop(first);
    let again = Index::open(shop.test.database.clone(), Some(dir.0.clone())).await.unwrap();
    assert!(again.is_complete() && finds(&again, "zanzibar").await, "what the first has written is there");
    drop(again);
    shop.close().await;
}
