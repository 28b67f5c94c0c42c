//! A catalogue file comes in once, and again.

use search::ImportError;

use crate::{DEMO, Shop};

#[tokio::test]
async fn the_demo_catalogue_comes_in_whole() {
    let shop = Shop::open().await;
    assert!(shop.imported.works >= 60);
    assert_eq!(shop.imported.changed, shop.imported.works);
    assert_eq!(shop.imported.offers.len(), shop.imported.editions);
    let hobbit = shop.imported.offers.iter().find(|offer| offer.key == "hobbit-hardback").unwrap();
    assert_eq!((hobbit.price, hobbit.currency.as_str(), hobbit.copies), (2500, "EUR", 1));
    assert_eq!(shop.changes().await, i64::try_from(shop.imported.editions).unwrap());
    shop.close().await;
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let shop = Shop::open().await;
    let changes = shop.changes().await;
    let again = search::import(&shop.test.database, DEMO).await.unwrap();
    assert_eq!(again.changed, 0);
    assert_eq!(again.offers, shop.imported.offers);
    assert_eq!(shop.changes().await, changes);
    shop.close().await;
}

#[tokio::test]
async fn two_servers_may_import_the_same_file_at_once() {
    let test = database::testing::TestDatabase::create(&crate::MIGRATOR).await;
    let (one, other) = tokio::join!(search::import(&test.database, DEMO), search::import(&test.database, DEMO));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.offers, other.offers);
    assert_eq!(one.changed + other.changed, one.works);
    test.drop().await;
}

#[tokio::test]
async fn a_later_file_updates_what_it_says_otherwise_and_keeps_addresses() {
    let shop = Shop::open().await;
    let changes = shop.changes().await;
    let later = DEMO
        .replace("title = \"Emma\"", "title = \"Emma, a Novel\"")
        .replace("authors = [\"Terry Pratchett\", \"Neil Gaiman\"]", "authors = [\"Neil Gaiman\", \"Terry Pratchett\"]")
        .replace("publisher = \"Modern Library\"", "publisher = \"The Modern Library\"");
    let imported = search::import(&shop.test.database, &later).await.unwrap();
    assert_eq!(imported.changed, 3);
    assert_eq!(shop.changes().await, changes + 3);
    let catalogue = shop.catalogue();
    assert_eq!(catalogue.book("emma").await.unwrap().unwrap().title, "Emma, a Novel");
    assert_eq!(catalogue.book("good-omens").await.unwrap().unwrap().authors[0].name, "Neil Gaiman");
    let meditations = catalogue.book("meditations").await.unwrap().unwrap();
    assert_eq!(meditations.editions[0].publisher, "The Modern Library");
    shop.close().await;
}

#[tokio::test]
async fn a_new_name_for_an_author_changes_that_authors_books() {
    let shop = Shop::open().await;
    let changes = shop.changes().await;
    let later = DEMO.replace("name = \"Jane Austen\"\n", "name = \"Jane Austen\"\nsort_name = \"Austen, Miss Jane\"\n");
    search::import(&shop.test.database, &later).await.unwrap();
    assert_eq!(shop.changes().await, changes + 3); // Emma once, Pride and Prejudice twice
    shop.close().await;
}

#[tokio::test]
async fn an_author_without_an_entry_keeps_what_is_known() {
    let shop = Shop::open().await;
    let work = "currency = \"EUR\"\n".to_owned() + &a_work("Persuasion", "Jane Austen", "persuasion", "");
    search::import(&shop.test.database, &work).await.unwrap();
    let austen = shop.catalogue().author("jane-austen").await.unwrap().unwrap();
    assert!(austen.about.starts_with("English novelist"));
    assert_eq!(austen.books.len(), 3);
    shop.close().await;
}

#[tokio::test]
async fn a_second_work_of_the_same_title_gets_an_address_of_its_own() {
    let shop = Shop::open().await;
    let work = "currency = \"EUR\"\n".to_owned() + &a_work("Emma", "Someone Else", "another-emma", "");
    search::import(&shop.test.database, &work).await.unwrap();
    assert_eq!(shop.catalogue().book("emma-2").await.unwrap().unwrap().authors[0].name, "Someone Else");
    shop.close().await;
}

#[tokio::test]
async fn contradictions_with_the_database_are_refused_with_their_line() {
    let shop = Shop::open().await;
    let taken = a_work("Another", "Someone Else", "another", "isbn = \"9780141439518\"");
    let error = search::import(&shop.test.database, &format!("currency = \"EUR\"\n{taken}")).await.unwrap_err();
    assert_eq!(error.to_string(), "line 3, isbn: is the ISBN of an edition with another key");

    let second = "[[work.edition]]\nkey = \"dune-paperback\"\nformat = \"paperback\"\nlanguage = \"en\"\nprice = 1\ncopies = 1\n";
    let mixed = a_work("Emma", "Jane Austen", "emma-paperback", "") + second;
    let error = search::import(&shop.test.database, &format!("currency = \"EUR\"\n{mixed}")).await.unwrap_err();
    assert_eq!(error.to_string(), "line 3, key: its editions belong to different works already");
    assert!(matches!(error, ImportError::Conflict(_)));
    assert!(shop.catalogue().book("another").await.unwrap().is_none());
    shop.close().await;
}

fn a_work(title: &str, author: &str, key: &str, more: &str) -> String {
    format!(
        r#"[[work]]
title = "{title}"
authors = ["{author}"]
language = "en"
subjects = ["Fiction"]
description = "A book."
[[work.edition]]
key = "{key}"
format = "paperback"
language = "en"
price = 100
copies = 1
{more}
"#
    )
}
