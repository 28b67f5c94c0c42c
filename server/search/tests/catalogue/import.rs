//! A catalogue file comes in once, and again.

use crate::{DEMO, Shop, import};

#[tokio::test]
async fn the_demo_catalogue_comes_in_whole() {
    let shop = Shop::open().await;
    let imported = &shop.imported;
    assert!(imported.added >= 80, "{}", imported.added);
    assert_eq!((imported.changed, imported.unchanged, imported.withdrawn), (0, 0, 0));
    assert_eq!((&imported.refused[..], &imported.differences[..], &imported.unsold[..]), (&[][..], &[][..], &[][..]));
    assert_eq!(imported.offers.len(), imported.added);
    let hobbit = imported.offers.iter().find(|offer| offer.key == "hobbit-hardback").unwrap();
    assert_eq!((hobbit.price, hobbit.currency.as_str(), hobbit.copies), (2500, "EUR", 1));
    assert_eq!(shop.changes().await, i64::try_from(imported.added).unwrap());
    shop.close().await;
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let shop = Shop::open().await;
    let changes = shop.changes().await;
    let again = import(&shop.test.database, DEMO).await;
    assert_eq!((again.added, again.changed, again.unchanged), (0, 0, shop.imported.added));
    assert_eq!(again.differences, []);
    assert_eq!(again.offers, shop.imported.offers);
    assert_eq!(shop.changes().await, changes);
    shop.close().await;
}

#[tokio::test]
async fn two_servers_may_import_the_same_file_at_once() {
    let test = database::testing::TestDatabase::create(&crate::MIGRATOR).await;
    let (one, other) = tokio::join!(import(&test.database, DEMO), import(&test.database, DEMO));
    assert_eq!(one.offers, other.offers);
    assert_eq!(one.added + other.added, one.offers.len());
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
    let imported = import(&shop.test.database, &later).await;
    assert_eq!(imported.changed, 3);
    let told: Vec<String> = imported
        .differences
        .iter()
        .map(|found| format!("{} {}: {} -> {}", found.key, found.field, found.before, found.after))
        .collect();
    assert_eq!(told[0], r#"emma-paperback title: "Emma" -> "Emma, a Novel""#);
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
    import(&shop.test.database, &later).await;
    assert_eq!(shop.changes().await, changes + 3); // Emma once, Pride and Prejudice twice
    shop.close().await;
}

#[tokio::test]
async fn an_author_without_an_entry_keeps_what_is_known() {
    let shop = Shop::open().await;
    let work = "currency = \"EUR\"\n".to_owned() + &a_work("Persuasion", "Jane Austen", "persuasion", "");
    import(&shop.test.database, &work).await;
    let austen = shop.catalogue().author("jane-austen").await.unwrap().unwrap();
    assert!(austen.about.starts_with("English novelist"));
    assert_eq!(austen.books.len(), 3);
    shop.close().await;
}

#[tokio::test]
async fn a_second_work_of_the_same_title_gets_an_address_of_its_own() {
    let shop = Shop::open().await;
    let work = "currency = \"EUR\"\n".to_owned() + &a_work("Emma", "Someone Else", "another-emma", "");
    import(&shop.test.database, &work).await;
    assert_eq!(shop.catalogue().book("emma-someone-else").await.unwrap().unwrap().authors[0].name, "Someone Else");
    shop.close().await;
}

/// What does not agree with the catalogue is refused by itself, with its line; the rest comes in.
#[tokio::test]
async fn an_isbn_of_another_edition_is_refused_with_its_line() {
    let shop = Shop::open().await;
    let taken = a_work("Another", "Someone Else", "another", "isbn = \"9780141439518\"");
    let fine = a_work("Fine", "Someone Else", "fine", "");
    let imported = import(&shop.test.database, &format!("currency = \"EUR\"\n{taken}{fine}")).await;
    let refused = &imported.refused[0];
    assert_eq!((refused.line, refused.key.as_str()), (3, "another"));
    assert!(refused.reason.starts_with("its ISBN 9780141439518 is that of octavo/"), "{}", refused.reason);
    assert_eq!((imported.added, imported.refused.len()), (1, 1));
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
