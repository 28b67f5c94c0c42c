//! The rates that the shop begins with.

use purchase::money::{Currency, Money};
use purchase::total::{Delivery, NoTotal, ProductType, Rates, Total, Wanted, WantedLine};

use crate::reckoning::eur;
use crate::support::Books;

#[tokio::test]
async fn the_seeded_rates_reckon_a_book_to_many_countries() {
    let books = Books::open().await;
    let rates = Rates::read(&mut books.database().pool().acquire().await.unwrap()).await.unwrap();
    let book = WantedLine { edition: 1, unit_price: eur(2000), quantity: 1, weight_g: 500, product: ProductType::Book };
    let to = |delivery, book| {
        let wanted = Wanted { lines: &[book], delivery, discount: None, gift_card: None };
        Total::of(&wanted, &rates).map(|total| {
            let [part] = total.vat.as_slice() else { panic!("one book, and more than one rate") };
            (total.shipping.minor(), part.basis_points, part.vat.minor())
        })
    };
    // 23.90 × 10/110, 27.90 × 7/107, 27.90 × 5.5/105.5, 31.90 × 2.6/102.6.
    assert_eq!(to(Delivery::ShipTo("AT"), book), Ok((390, 1000, 217)));
    assert_eq!(to(Delivery::ShipTo("DE"), book), Ok((790, 700, 183)));
    assert_eq!(to(Delivery::ShipTo("FR"), book), Ok((790, 550, 145)));
    assert_eq!(to(Delivery::ShipTo("CH"), book), Ok((1190, 260, 81)));
    assert_eq!(to(Delivery::ShipTo("GB"), book), Ok((1190, 0, 0)));
    assert_eq!(to(Delivery::ShipTo("JP"), book), Ok((1190, 0, 0)));
    assert_eq!(to(Delivery::Collect, book), Ok((0, 1000, 182)));
    let heavy = WantedLine { weight_g: 20_001, ..book };
    assert_eq!(to(Delivery::ShipTo("JP"), heavy), Err(NoTotal::TooHeavy));
    assert_eq!(to(Delivery::ShipTo("LV"), book), Err(NoTotal::NotDelivered));
    assert_eq!(to(Delivery::ShipTo("AT"), heavy), Ok((990, 1000, 272)));
    let in_dollars = WantedLine { unit_price: Money::new(2000, Currency::Usd), ..book };
    assert_eq!(to(Delivery::ShipTo("AT"), in_dollars), Err(NoTotal::NotDelivered));
    books.close().await;
}
