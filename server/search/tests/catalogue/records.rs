//! Records of the trade come in: whatever their order, as often as they like, and of whichever source.

use database::testing::TestDatabase;
use search::{Catalogue, Importer, Line, TakenIn};
use trade::record::{
    Availability, Contributor, Description, Form, Person, Price, Product, Publishing, Role, SeriesPart, Subject,
    Supply, Texts, Work,
};
use trade::{Isbn, Reading, Record};

struct Shelf {
    test: TestDatabase,
}

impl Shelf {
    async fn open() -> Self {
        Self { test: TestDatabase::create(&crate::MIGRATOR).await }
    }

    fn source(&self, name: &str) -> Importer {
        Importer::new(self.test.database.clone(), name)
    }

    async fn take(&self, source: &str, records: &[Record]) -> TakenIn {
        self.source(source).take_in(&lines(records)).await.unwrap()
    }

    async fn book(&self, slug: &str) -> search::Book {
        Catalogue::new(self.test.database.clone()).book(slug).await.unwrap().unwrap()
    }

    async fn count(&self, what: &'static str) -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {what}"));
        sqlx::query_scalar(sql).fetch_one(self.test.database.pool()).await.unwrap()
    }

    async fn close(self) {
        self.test.drop().await;
    }
}

fn lines(records: &[Record]) -> Vec<Line> {
    (1..).zip(records).map(|(line, record)| Line { line, record: record.clone() }).collect()
}

fn person(name: &str) -> Person {
    Person { name: name.to_owned(), ..Person::default() }
}

fn by(role: Role, name: &str) -> Contributor {
    Contributor { role, person: person(name) }
}

fn isbn(text: &str) -> Option<Isbn> {
    match Isbn::read(text) {
        Reading::Valid(isbn) => Some(isbn),
        other => panic!("{text}: {other:?}"),
    }
}

/// A paperback for ten euros.
fn product(key: &str, title: &str, author: &str) -> Product {
    Product {
        key: key.to_owned(),
        description: Some(Description {
            form: Form::Paperback,
            title: title.to_owned(),
            contributors: vec![by(Role::Author, author)],
            subjects: vec![Subject::Thema("FBC".to_owned()), Subject::Heading("Whales".to_owned())],
            languages: vec!["en".to_owned()],
            ..Description::default()
        }),
        texts: Some(Texts { about: Some("About it.".to_owned()) }),
        publishing: Some(Publishing { publisher: Some("Harper & Brothers".to_owned()), ..Publishing::default() }),
        supply: Some(Supply {
            availability: Some(Availability::Available),
            price: Some(Price { minor: 1000, currency: "EUR".to_owned() }),
            ..Supply::default()
        }),
        ..Product::default()
    }
}

fn record(product: Product) -> Record {
    Record::Product(Box::new(product))
}

#[tokio::test]
async fn a_product_comes_in_with_all_that_belongs_to_it() {
    let shelf = Shelf::open().await;
    let mut moby = product("1", "Moby-Dick", "Herman Melville");
    let description = moby.description.as_mut().unwrap();
    description.contributors.push(by(Role::Illustrator, "Rockwell Kent"));
    description.series.push(SeriesPart { title: "Sea Stories".to_owned(), number: Some("2".to_owned()) });
    let records = [record(moby)];
    let taken = shelf.take("test", &records).await;
    assert_eq!((taken.added, taken.offers.len()), (1, 1));
    let book = shelf.book("moby-dick").await;
    assert_eq!(book.authors[0].name, "Herman Melville");
    assert_eq!(book.subjects.iter().map(|subject| subject.name.as_str()).collect::<Vec<_>>(), ["Fiction", "Whales"]);
    assert_eq!(book.editions[0].publisher, "Harper & Brothers");
    assert_eq!(shelf.count("edition_contributor where role = 'illustrator'").await, 1);
    assert_eq!(shelf.count("work_series where number = '2' and sort_number = 2").await, 1);
    let again = shelf.take("test", &records).await;
    assert_eq!((again.added, again.changed, again.unchanged), (0, 0, 1));
    assert_eq!(again.differences, []);
    shelf.close().await;
}

/// A paperback and a hardback are one work, whoever brings them; another volume is another one.
#[tokio::test]
async fn editions_of_one_work_find_each_other() {
    let shelf = Shelf::open().await;
    let hardback = |key, title| {
        let mut hardback = product(key, title, "HERMAN MELVILLE");
        hardback.description.as_mut().unwrap().form = Form::Hardback;
        hardback
    };
    let mut second_volume = product("4", "Moby-Dick", "Herman Melville");
    second_volume.description.as_mut().unwrap().series =
        vec![SeriesPart { title: "Works".to_owned(), number: Some("2".to_owned()) }];
    let mut nameless = product("5", "Moby-Dick", "");
    nameless.description.as_mut().unwrap().contributors.clear();
    shelf
        .take("one", &[record(product("1", "Moby-Dick", "Herman Melville")), record(hardback("2", "Moby Dick"))])
        .await;
    shelf.take("two", &[record(hardback("3", "Moby Dick!")), record(second_volume), record(nameless)]).await;
    assert_eq!(shelf.book("moby-dick").await.editions.len(), 3);
    assert_eq!(shelf.count("work").await, 3);
    shelf.close().await;
}

#[tokio::test]
async fn an_isbn_that_another_source_has_brought_is_the_same_edition() {
    let shelf = Shelf::open().await;
    let with_isbn = |key, title| Product { isbn: isbn("9780142437247"), ..product(key, title, "Herman Melville") };
    shelf.take("one", &[record(with_isbn("1", "Moby Dick"))]).await;
    let mut bound = with_isbn("A-1", "Moby-Dick");
    bound.description.as_mut().unwrap().form = Form::Hardback;
    let taken = shelf.take("two", &[record(bound)]).await;
    assert_eq!((taken.added, taken.changed), (0, 1));
    let book = shelf.book("moby-dick").await;
    assert_eq!((book.title.as_str(), book.editions[0].format), ("Moby Dick", search::Format::Hardback));
    // One source has one record for an edition.
    let taken = shelf.take("two", &[record(with_isbn("A-2", "Moby-Dick"))]).await;
    assert_eq!(taken.refused[0].reason, "its ISBN 9780142437247 is that of two/A-1");
    let both = [record(with_isbn("B-1", "Moby-Dick")), record(with_isbn("B-2", "Moby-Dick"))];
    let taken = shelf.take("three", &both).await;
    assert_eq!(taken.refused[0].reason, "its ISBN 9780142437247 is that of B-1");
    assert_eq!(shelf.count("edition").await, 1);
    assert_eq!(shelf.count("edition_source").await, 3);
    shelf.close().await;
}

#[tokio::test]
async fn what_a_block_update_does_not_speak_of_stays() {
    let shelf = Shelf::open().await;
    shelf.take("test", &[record(product("1", "Moby-Dick", "Herman Melville"))]).await;
    let supply = Supply {
        availability: Some(Availability::NotYet),
        price: Some(Price { minor: 1200, currency: "EUR".to_owned() }),
        ..Supply::default()
    };
    let update = Product { key: "1".to_owned(), supply: Some(supply), ..Product::default() };
    let taken = shelf.take("test", &[record(update.clone())]).await;
    assert_eq!((taken.changed, taken.differences.len(), taken.offers[0].price), (1, 1, 1200));
    let book = shelf.book("moby-dick").await;
    assert_eq!((book.editions[0].publisher.as_str(), book.authors.len()), ("Harper & Brothers", 1));
    // Of a product that nobody has described, nothing can be made.
    let unknown = Product { key: "2".to_owned(), ..update };
    let taken = shelf.take("test", &[record(unknown)]).await;
    assert_eq!(taken.refused[0].reason, "it is not known, and its title is not given");
    shelf.close().await;
}

#[tokio::test]
async fn what_is_taken_back_or_not_printed_is_not_sold() {
    let shelf = Shelf::open().await;
    let mut file = product("2", "Moby-Dick", "Herman Melville");
    file.description.as_mut().unwrap().form = Form::Other;
    let mut gone = product("3", "Typee", "Herman Melville");
    gone.supply.as_mut().unwrap().availability = Some(Availability::NotAvailable);
    let taken =
        shelf.take("test", &[record(product("1", "Moby-Dick", "Herman Melville")), record(file), record(gone)]).await;
    assert_eq!((taken.offers.len(), taken.unsold.len()), (1, 2));
    let back = Record::Withdrawn { key: "1".to_owned() };
    let taken = shelf.take("test", std::slice::from_ref(&back)).await;
    assert_eq!((taken.withdrawn, taken.unsold.len()), (1, 1));
    assert_eq!(shelf.take("test", &[back]).await.unchanged, 1);
    // It is given again.
    let taken = shelf.take("test", &[record(product("1", "Moby-Dick", "Herman Melville"))]).await;
    assert_eq!((taken.changed, taken.offers.len()), (1, 1));
    let taken = shelf.take("test", &[Record::Withdrawn { key: "nobody".to_owned() }]).await;
    assert_eq!((taken.unchanged, taken.refused.len()), (1, 0));
    shelf.close().await;
}

/// Open Library gives authors, works and editions in any order, each by the key of the other.
#[tokio::test]
async fn works_and_people_that_come_apart_are_brought_together_in_any_order() {
    let key_only = |key: &str| Contributor {
        role: Role::Author,
        person: Person { key: Some(key.to_owned()), ..Person::default() },
    };
    let author = Record::Contributor(Person { key: Some("A1".to_owned()), ..person("Herman Melville") });
    let namesake = Record::Contributor(Person { key: Some("A2".to_owned()), ..person("Herman Melville") });
    let work = Record::Work(Work {
        key: "W1".to_owned(),
        title: "Moby-Dick".to_owned(),
        contributors: vec![key_only("A1")],
        first_published: Some(1851),
        about: Some("A whale.".to_owned()),
        ..Work::default()
    });
    let mut edition = product("M1", "Moby-Dick; or, The Whale", "");
    edition.description.as_mut().unwrap().contributors = vec![key_only("A1")];
    edition.work_key = Some("W1".to_owned());
    let edition = record(edition);
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1]];
    for order in orders {
        let shelf = Shelf::open().await;
        let all = [&author, &namesake, &work, &edition];
        for nth in order {
            shelf.take("ol", &[all[nth].clone()]).await;
        }
        assert_eq!((shelf.count("work").await, shelf.count("author").await), (1, 2));
        let works: Vec<String> =
            sqlx::query_scalar("select slug from work").fetch_all(shelf.test.database.pool()).await.unwrap();
        let book = shelf.book(&works[0]).await;
        assert_eq!((book.title.as_str(), book.first_published, book.editions.len()), ("Moby-Dick", Some(1851), 1));
        assert_eq!((book.authors.len(), book.authors[0].name.as_str()), (1, "Herman Melville"));
        for nth in order {
            let again = shelf.take("ol", &[all[nth].clone()]).await;
            assert_eq!((again.added, again.changed, &again.differences[..]), (0, 0, &[][..]));
        }
        shelf.close().await;
    }
}

#[tokio::test]
async fn a_dry_run_tells_and_keeps_nothing() {
    let shelf = Shelf::open().await;
    let moby = record(product("1", "Moby-Dick", "Herman Melville"));
    let taken = shelf.source("test").dry().take_in(&lines(std::slice::from_ref(&moby))).await.unwrap();
    assert_eq!((taken.added, shelf.count("work").await, shelf.count("author").await), (1, 0, 0));
    shelf.take("test", &[moby]).await;
    let renamed = record(product("1", "Moby Dick", "Herman Melville"));
    let taken = shelf.source("test").dry().take_in(&lines(&[renamed])).await.unwrap();
    let told = &taken.differences[0];
    assert_eq!((told.field, told.before.as_str(), told.after.as_str()), ("title", "\"Moby-Dick\"", "\"Moby Dick\""));
    assert_eq!(shelf.book("moby-dick").await.title, "Moby-Dick");
    shelf.close().await;
}

/// What has no price any more is not sold at the old one, and what silence would erase stays.
#[tokio::test]
async fn a_price_that_goes_takes_the_offer_with_it_and_another_source_does_not_rewrite_the_work() {
    let shelf = Shelf::open().await;
    let moby = |key: &str| Product { isbn: isbn("9780142437247"), ..product(key, "Moby-Dick", "Herman Melville") };
    assert_eq!(shelf.take("one", &[record(moby("1"))]).await.offers.len(), 1);
    let mut unpriced = moby("1");
    unpriced.supply.as_mut().unwrap().price = None;
    let taken = shelf.take("one", &[record(unpriced)]).await;
    assert_eq!((taken.offers.len(), taken.unsold.len()), (0, 1));
    let mut bare = moby("A");
    bare.texts = Some(Texts::default());
    bare.description.as_mut().unwrap().title = "MOBY DICK".to_owned();
    shelf.take("two", &[record(bare)]).await;
    let book = shelf.book("moby-dick").await;
    assert_eq!((book.title.as_str(), book.description.as_str()), ("Moby-Dick", "About it."));
    shelf.close().await;
}

/// One bad record never stops the rest.
#[tokio::test]
async fn what_does_not_fit_is_refused_alone() {
    let shelf = Shelf::open().await;
    let name = format!("{} X", "\u{1f40b}".repeat(298));
    let longest = record(product("3", "Longest", &name));
    let long = record(product("1", &"x".repeat(501), "A"));
    let untitled = record(product("2", "", "A"));
    let keyless = record(product("", "Title", "A"));
    let emoji = record(product("\u{1f40b}", "\u{1f40b} & 'co' \"; drop table", "\u{5b8b}"));
    let mut language = product("4", "Language", "A");
    language.description.as_mut().unwrap().languages = vec!["\u{5b8b}".to_owned()];
    // Somebody has written an edition down by hand, and so this key is taken.
    let by_hand = "
        insert into work (id, slug, title, language, description) values (9, 'by-hand', 'By hand', 'en', '');
        insert into edition (work_id, external_key, format, language) values (9, 'test/9', 'paperback', 'en');";
    sqlx::raw_sql(by_hand).execute(shelf.test.database.pool()).await.unwrap();
    let taken_key = record(product("9", "Another", "A"));
    let all = [long, untitled, keyless, emoji, longest, record(language), taken_key];
    let taken = shelf.take("test", &all).await;
    let reasons: Vec<&str> = taken.refused.iter().map(|refused| refused.reason.as_str()).collect();
    let expected = [
        "its title is longer than 500 characters",
        "it has no title",
        "it has no key",
        "its language is not a code of two or three letters",
        "the database refuses what it says",
    ];
    assert!(reasons.iter().all(|reason| expected.contains(reason)), "{reasons:?}");
    assert!(expected.iter().all(|reason| reasons.contains(reason)), "{reasons:?}");
    assert_eq!(taken.added, 2, "what is refused takes nobody with it");
    shelf.close().await;
}
