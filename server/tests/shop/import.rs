//! Files of the trade come into an open shop.

use std::fmt::Write;
use std::path::Path;
use std::process::Stdio;

use crate::harness::{Process, TestShop, within};

const LIST: &str = "\
key,isbn,title,authors,language,price,currency,copies
moby,9780142437247,Moby-Dick,Herman Melville,en,12.50,EUR,3
untitled,,,Nobody,en,1.00,EUR,1
typee,9780140434880,Typee,Herman Melville,en,nothing,EUR,1
omoo,,Omoo,Herman Melville,en,9.00,EUR,0
mardi,,Mardi,Herman Melville,en,9.00,AUD,2
";

async fn import(shop: &TestShop, path: &Path, more: &[&str]) -> (bool, String) {
    let arguments = [&["catalogue", "import", path.to_str().unwrap()], more].concat();
    Process::command(&shop.settings, &arguments).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_books_is_sold_at_once_and_what_is_wrong_in_it_is_written_down() {
    let shop = TestShop::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    std::fs::write(&path, LIST).unwrap();
    let (done, said) = import(&shop, &path, &["--dry-run"]).await;
    assert!(done && said.contains("Nothing was kept. It would be: 3 new"), "{said}");
    assert_eq!(shop.count("select count(*) from work where title = 'Omoo'").await, 0);

    let (done, said) = import(&shop, &path, &[]).await;
    assert!(done && said.contains("3 new, 0 changed, 0 as before, 0 withdrawn, 3 refused"), "{said}");
    let refused = std::fs::read_to_string(folder.path().join("list.csv.refused.csv")).unwrap();
    let refused: Vec<&str> = refused.lines().collect();
    assert_eq!(refused.len(), 4, "{refused:?}");
    for (line, begins) in refused.iter().zip(["line,", "3,untitled,", "4,typee,", "6,mardi,"]) {
        assert!(line.starts_with(begins), "{refused:?}");
    }
    assert!(refused[3].contains("the shop takes no AUD"), "{refused:?}");
    let browser = shop.browser();
    within("the book is found", async || browser.get("/search?q=moby+dick").await.words().contains("Moby-Dick")).await;
    let moby = shop.count("select cast(id as signed) from edition where external_key = 'csv/moby'").await;
    let added = browser.add(u64::try_from(moby).unwrap(), 3).await;
    assert_eq!(added.status, 303);

    let (done, said) = import(&shop, &path, &[]).await;
    assert!(done && said.contains("0 new, 0 changed, 3 as before"), "{said}");
    std::fs::write(&path, "key,price,currency,copies\nmoby,14.00,EUR,5\n").unwrap();
    let (done, said) = import(&shop, &path, &[]).await;
    assert!(done && said.contains("0 new, 0 changed, 1 as before"), "{said}");
    let price = "select price from offer join edition on edition.id = offer.edition_id where external_key = 'csv/moby'";
    assert_eq!(shop.count(price).await, 1400);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_told_with_its_name_and_line() {
    let shop = TestShop::open().await;
    let folder = tempfile::tempdir().unwrap();
    for (name, text, more, complaint) in [
        ("list.csv", "title\nMoby\n", &[][..], "the key"),
        ("list.csv", "", &[], "the file is empty"),
        ("list.doc", "", &[], "say --kind"),
        ("list.csv", LIST, &["--mapping", "nowhere.toml"], "nowhere.toml is no mapping of ours"),
        ("list.csv", LIST, &["--source", "a/b"], "--source must be"),
        ("list.toml", "currency = 5", &[], "cannot be imported"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let (done, said) = import(&shop, &path, more).await;
        assert!(!done && said.contains(complaint), "{name}: {said}");
    }
    let (done, said) = import(&shop, &folder.path().join("missing.csv"), &[]).await;
    assert!(!done && said.contains("missing.csv cannot be read"), "{said}");
    shop.close().await;
}

/// An import that is killed goes on where it was, and comes to the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_killed_is_resumed() {
    const BOOKS: i64 = 6000;
    let shop = TestShop::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.csv");
    let mut list = "key,title,authors,language,price,currency,copies\n".to_owned();
    for number in 0..BOOKS {
        writeln!(list, "k{number},Volume {number},Author {},en,5.00,EUR,1", number % 100).unwrap();
    }
    std::fs::write(&path, list).unwrap();
    let arguments = ["catalogue", "import", path.to_str().unwrap()];
    let mut import = Process::begin(&shop.settings, folder.path(), &arguments);
    let mut import = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    within("a part is taken in", async || shop.count("select count(*) from import_progress").await > 0).await;
    import.kill().await.unwrap();
    let taken = shop.count("select count(*) from edition where external_key like 'csv/k%'").await;
    assert!(taken < BOOKS, "it was killed too late");
    let (done, said) = Process::command(&shop.settings, &arguments).await;
    assert!(done && said.contains("going on after"), "{said}");
    assert_eq!(shop.count("select count(*) from edition where external_key like 'csv/k%'").await, BOOKS);
    let stocked = "select count(*) from offer join stock using (edition_id) join edition on edition.id = edition_id
                   where external_key like 'csv/k%'";
    assert_eq!(shop.count(stocked).await, BOOKS);
    assert_eq!(shop.count("select count(*) from import_progress").await, 0);
    let (done, said) = Process::command(&shop.settings, &arguments).await;
    assert!(done && said.contains(&format!("0 new, 0 changed, {BOOKS} as before")), "{said}");
    shop.close().await;
}
