//! What shoppers type, and what they find.

use search::{Catalogue, Found, Index, Query};

use crate::Shop;

async fn find(index: &Index, text: &str) -> Found {
    index.find(Query { text: text.to_owned(), page: 1, per_page: 24 }).await.unwrap()
}

/// The slug of the first hit, and whether it is only near.
async fn first(index: &Index, catalogue: &Catalogue, text: &str) -> Option<(String, bool)> {
    let (hits, near) = match find(index, text).await {
        Found::Exact(hits) => (hits, false),
        Found::Nearest { hits, .. } => (hits, true),
        Found::NothingAsked | Found::TooLong | Found::Nothing => return None,
    };
    let best = catalogue.cards(&hits.work_ids[..1]).await.unwrap().remove(0);
    Some((best.slug, near))
}

#[tokio::test]
async fn the_first_hit_is_what_was_meant() {
    let shop = Shop::open().await;
    let catalogue = shop.catalogue();
    let index = shop.index(None).await;
    for (text, expected) in [
        // titles: whole, half, in any order, with stop words, without their articles
        ("Pride and Prejudice", "pride-and-prejudice"),
        ("the hobbit", "the-hobbit"),
        ("hobbit", "the-hobbit"),
        ("lord of the", "the-lord-of-the-rings"),
        ("karamazov brothers", "the-brothers-karamazov"),
        ("it's the waste land of the", "the-waste-land"),
        ("history of time", "a-brief-history-of-time"),
        ("moby dick", "moby-dick-or-the-whale"),
        ("mobydick", "moby-dick-or-the-whale"),
        ("rur", "r-u-r"),
        ("R. U. R.", "r-u-r"),
        // while typing
        ("frank", "frankenstein-or-the-modern-prometheus"),
        ("nineteen eig", "nineteen-eighty-four"),
        // authors
        ("JRR Tolkien", "the-lord-of-the-rings"),
        ("J. R. R. Tolkien", "the-lord-of-the-rings"),
        ("tolkien, j r r", "the-lord-of-the-rings"),
        ("ursula le guin earthsea", "a-wizard-of-earthsea"),
        ("flann obrien", "at-swim-two-birds"),
        ("o'brien", "at-swim-two-birds"),
        ("O’Brien", "at-swim-two-birds"),
        ("o brien", "at-swim-two-birds"),
        ("charlotte bronte", "jane-eyre"),
        ("Bronte\u{308} emily", "wuthering-heights"),
        ("saint exupery", "the-little-prince"),
        ("hoeeg", "smillas-sense-of-snow"),
        ("capek", "r-u-r"),
        // original titles, other scripts and their transliteration
        ("le petit prince", "the-little-prince"),
        ("l'etranger", "the-stranger"),
        ("letranger", "the-stranger"),
        ("cien anos", "one-hundred-years-of-solitude"),
        ("война", "war-and-peace"),
        ("ВОЙНА И МИР", "war-and-peace"),
        ("евгений", "evgenii-onegin"),
        ("prestuplenie", "crime-and-punishment"),
        ("吾輩は猫", "i-am-a-cat"),
        ("源氏", "genji-monogatari"),
        ("三体", "the-three-body-problem"),
        ("ألف ليلة", "the-thousand-and-one-nights"),
        ("الف ليله وليله", "the-thousand-and-one-nights"),
        // ISBNs
        ("9780441172719", "dune"),
        ("978-0-441-17271-9", "dune"),
        ("ISBN 0-441-17271-7", "dune"),
        // what people write around a title
        ("buy dune paperback", "dune"),
    ] {
        let found = first(&index, &catalogue, text).await;
        assert_eq!(found, Some((expected.to_owned(), false)), "{text:?}");
    }
    shop.close().await;
}

#[tokio::test]
async fn typing_errors_are_forgiven_and_said_to_be_corrected() {
    let shop = Shop::open().await;
    let catalogue = shop.catalogue();
    let index = shop.index(None).await;
    for (text, expected, corrected) in [
        ("tolkein", "the-lord-of-the-rings", Some("tolkien")),
        ("dostoyevsky karamazov", "the-brothers-karamazov", Some("dostoevsky karamazov")),
        ("pride and predjudice", "pride-and-prejudice", Some("pride and prejudice")),
        ("wutherng hieghts", "wuthering-heights", Some("wuthering heights")),
        ("nine teen eighty four", "nineteen-eighty-four", None),
        ("agatha cristie", "murder-on-the-orient-express", Some("agatha christie")),
        ("frankenstien", "frankenstein-or-the-modern-prometheus", Some("frankenstein")),
        ("hobbit in norwegian translation", "the-hobbit", None),
    ] {
        let found = first(&index, &catalogue, text).await;
        assert_eq!(found.as_ref().map(|found| found.0.as_str()), Some(expected), "{text:?}");
        if let Some(corrected) = corrected {
            let Found::Nearest { corrected: said, .. } = find(&index, text).await else { panic!("{text:?} is exact") };
            assert_eq!(said.as_deref(), Some(corrected), "{text:?}");
        }
    }
    shop.close().await;
}

#[tokio::test]
async fn nonsense_finds_nothing_and_nothing_asked_is_said() {
    let shop = Shop::open().await;
    let index = shop.index(None).await;
    for text in ["xqzvbnm", "magnetohydrodynamics", "9780441172718", "978-0-14-300000-0", "მაცივარი"] {
        assert_eq!(find(&index, text).await, Found::Nothing, "{text:?}");
    }
    for text in ["", "   ", "?!…", "\u{1f600}\u{1f4da}", "\u{0}\u{1b}\u{202e}"] {
        assert_eq!(find(&index, text).await, Found::NothingAsked, "{text:?}");
    }
    assert_eq!(find(&index, &"a".repeat(201)).await, Found::TooLong);
    assert!(!matches!(find(&index, &"a ".repeat(100)).await, Found::TooLong));
    shop.close().await;
}

#[tokio::test]
async fn no_text_is_syntax() {
    let shop = Shop::open().await;
    let catalogue = shop.catalogue();
    let index = shop.index(None).await;
    for text in ["title:(dune", "\"dune\" AND OR NOT", "dune'; --", "+dune^ ~", "<b>dune</b>", ".*dune.*"] {
        let (slug, _) = first(&index, &catalogue, text).await.unwrap_or_else(|| panic!("{text:?} found nothing"));
        assert_eq!(slug, "dune", "{text:?}");
    }
    for text in [
        "*",
        "[a TO z]",
        "/(a+)+$/",
        "a:b:c",
        "dune'; drop table work; --",
        "\\",
        "%00%ff",
        "\u{202e}dune",
        "𝔡𝔲𝔫𝔢",
        "ﷺ",
    ] {
        find(&index, text).await;
        index.suggest(text.to_owned(), 5).await.unwrap();
    }
    shop.close().await;
}

#[tokio::test]
async fn results_come_in_pages_that_exist() {
    let shop = Shop::open().await;
    let index = shop.index(None).await;
    let page = async |page, per_page| match index.find(Query { text: "classics".to_owned(), page, per_page }).await {
        Ok(Found::Exact(hits)) => hits,
        other => panic!("{other:?}"),
    };
    let one = page(1, 10).await;
    let two = page(2, 10).await;
    assert!(one.total > 20 && one.pages > 2);
    assert_eq!((one.work_ids.len(), two.work_ids.len(), two.page), (10, 10, 2));
    assert!(one.work_ids.iter().all(|id| !two.work_ids.contains(id)));
    let last = page(u32::MAX, 10).await;
    assert_eq!((last.page, last.pages), (one.pages, one.pages));
    assert!(!last.work_ids.is_empty());
    assert_eq!(page(0, 10).await, one);
    assert_eq!(page(1, 10_000).await.work_ids.len(), 48.min(usize::try_from(one.total).unwrap()));
    assert_eq!(page(1, 0).await.work_ids.len(), 1);
    shop.close().await;
}

#[tokio::test]
async fn suggestions_name_books_and_authors_apart() {
    let shop = Shop::open().await;
    let index = shop.index(None).await;
    for (text, book, author) in [
        ("tolk", "the-lord-of-the-rings", Some("j-r-r-tolkien")),
        ("tolkei", "the-lord-of-the-rings", Some("j-r-r-tolkien")),
        ("jrr", "the-lord-of-the-rings", Some("j-r-r-tolkien")),
        ("le gui", "the-left-hand-of-darkness", Some("ursula-k-le-guin")),
        ("gaiman", "good-omens", Some("neil-gaiman")),
        ("fahr", "", None),
        ("the hob", "the-hobbit", None),
        ("the hobit", "the-hobbit", None),
        ("978-0-441-17271-9", "dune", None),
    ] {
        let suggestions = index.suggest(text.to_owned(), 5).await.unwrap();
        let first = suggestions.books.first().map_or("", |book| book.slug.as_str());
        assert_eq!(first, book, "{text:?}");
        assert_eq!(suggestions.authors.first().map(|author| author.slug.as_str()), author, "{text:?}");
    }
    let limited = index.suggest("the".to_owned(), 3).await.unwrap();
    assert_eq!(limited.books.len(), 3);
    assert_eq!(index.suggest("the".to_owned(), 0).await.unwrap(), search::Suggestions::default());
    shop.close().await;
}
