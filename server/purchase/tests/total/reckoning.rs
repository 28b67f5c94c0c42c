//! Totals that were worked out by hand.

use purchase::money::{Currency, Money};
use purchase::total::{
    Delivery, Discount, NoTotal, ProductType, Rates, ShippingRate, Total, VatRate, Wanted, WantedLine,
};

const AUSTRIA: Delivery<'_> = Delivery::ShipTo("AT");

pub fn eur(cents: i64) -> Money {
    Money::new(cents, Currency::Eur)
}

/// Austria and Germany with their VAT; everywhere else € 19.90 up to 2 kg.
pub fn rates() -> Rates {
    let class = |country: &str, from_g, up_to_g, cents| ShippingRate {
        country: country.to_owned(),
        from_g,
        up_to_g,
        price: eur(cents),
    };
    let vat = |country: &str, product, basis_points| {
        let country = country.to_owned();
        VatRate { country, product, basis_points: Some(basis_points) }
    };
    Rates {
        shipping: vec![
            class("AT", 0, Some(2000), 390),
            class("AT", 2001, None, 590),
            class("DE", 0, None, 790),
            class("*", 0, Some(2000), 1990),
        ],
        vat: vec![
            vat("AT", ProductType::Book, 1000),
            vat("AT", ProductType::Other, 2000),
            vat("DE", ProductType::Book, 700),
            vat("DE", ProductType::Other, 1900),
            vat("*", ProductType::Book, 0),
            vat("*", ProductType::Other, 0),
        ],
    }
}

fn line(edition: u64, cents: i64, quantity: i32, product: ProductType) -> WantedLine {
    WantedLine { edition, unit_price: eur(cents), quantity, weight_g: 400, product }
}

fn book(edition: u64, cents: i64, quantity: i32) -> WantedLine {
    line(edition, cents, quantity, ProductType::Book)
}

fn wanted<'a>(lines: &'a [WantedLine], delivery: Delivery<'a>) -> Wanted<'a> {
    Wanted { lines, delivery, discount: None, gift_card: None }
}

fn total(wanted: &Wanted<'_>) -> Total {
    Total::of(wanted, &rates()).unwrap()
}

/// Rate, gross and VAT of each part, in cents.
fn vat(total: &Total) -> Vec<(u32, i64, i64)> {
    total.vat.iter().map(|part| (part.basis_points, part.gross.minor(), part.vat.minor())).collect()
}

#[test]
fn books_to_austria() {
    // 2 × 12.90 + 24.99 = 50.79; + 3.90 = 54.69; of it 54.69 × 10/110 = 4.9718…
    let total = total(&wanted(&[book(1, 1290, 2), book(2, 2499, 1)], AUSTRIA));
    assert_eq!((total.goods, total.discount, total.shipping), (eur(5079), eur(0), eur(390)));
    assert_eq!((total.total, total.gift_card, total.to_pay), (eur(5469), eur(0), eur(5469)));
    assert_eq!(vat(&total), [(1000, 5469, 497)]);
}

#[test]
fn the_same_books_cost_as_much_in_another_country_with_its_own_vat() {
    // 20.00 + 7.90 = 27.90; of it 27.90 × 7/107 = 1.8252…
    let total = total(&wanted(&[book(1, 1000, 2)], Delivery::ShipTo("DE")));
    assert_eq!(total.total, eur(2790));
    assert_eq!(vat(&total), [(700, 2790, 183)]);
}

#[test]
fn where_no_rate_is_known_there_is_no_vat_and_the_price_is_the_same() {
    let total = total(&wanted(&[book(1, 1000, 2)], Delivery::ShipTo("JP")));
    assert_eq!(total.total, eur(3990));
    assert_eq!(vat(&total), [(0, 3990, 0)]);
}

#[test]
fn what_is_collected_has_the_vat_of_the_shop_and_no_delivery() {
    let total = total(&wanted(&[book(1, 1100, 1)], Delivery::Collect));
    assert_eq!((total.shipping, total.total), (eur(0), eur(1100)));
    assert_eq!(vat(&total), [(1000, 1100, 100)]);
}

#[test]
fn delivery_shares_the_vat_of_the_goods() {
    // Books 30.00, others 10.00: of 3.90 that is 2.925 and 0.975; of equal remainders the lower rate gets the cent.
    let total = total(&wanted(&[book(1, 3000, 1), line(2, 1000, 1, ProductType::Other)], AUSTRIA));
    // 32.93 × 10/110 = 2.9936…, 10.97 × 20/120 = 1.8283….
    assert_eq!(vat(&total), [(1000, 3293, 299), (2000, 1097, 183)]);
}

#[test]
fn a_percentage_is_rounded_once_and_spread_by_largest_remainder() {
    // 15 % of 9.99 + 9.99 + 4.99 = 24.97 is 3.7455, 3.75; the shares are 1.5003, 1.5003 and 0.7494.
    let lines = [book(1, 999, 1), book(2, 999, 1), book(3, 499, 1)];
    let discount = Some(Discount::Percentage { basis_points: 1500 });
    let total = total(&Wanted { discount, ..wanted(&lines, AUSTRIA) });
    assert_eq!((total.discount, total.total), (eur(375), eur(2512)));
    let discounts: Vec<i64> = total.lines.iter().map(|line| line.discount.minor()).collect();
    assert_eq!(discounts, [150, 150, 75]);
    // 21.22 + 3.90 = 25.12; 25.12 × 10/110 = 2.2836…
    assert_eq!(vat(&total), [(1000, 2512, 228)]);
}

#[test]
fn an_amount_takes_off_the_goods_and_never_the_delivery() {
    let lines = [book(1, 700, 1)];
    let total = total(&Wanted { discount: Some(Discount::Amount(eur(1000))), ..wanted(&lines, AUSTRIA) });
    assert_eq!((total.discount, total.total), (eur(700), eur(390)));
    // Delivery still has the VAT of the goods: 3.90 × 10/110 = 0.3545…
    assert_eq!(vat(&total), [(1000, 390, 35)]);
}

#[test]
fn a_gift_card_pays_first_and_leaves_nothing_or_what_the_bank_can_charge() {
    let lines = [book(1, 1610, 1)];
    let parts = |balance| {
        let total = total(&Wanted { gift_card: Some(eur(balance)), ..wanted(&lines, AUSTRIA) });
        assert_eq!((total.total, vat(&total)), (eur(2000), vec![(1000, 2000, 182)]));
        (total.gift_card.minor(), total.to_pay.minor())
    };
    assert_eq!(parts(0), (0, 2000));
    assert_eq!(parts(500), (500, 1500));
    assert_eq!(parts(1950), (1950, 50));
    // 0.20 could not be charged.
    assert_eq!(parts(1980), (1950, 50));
    assert_eq!(parts(2000), (2000, 0));
    assert_eq!(parts(9000), (2000, 0));
}

#[test]
fn weight_decides_what_delivery_costs_and_whether_there_is_any() {
    let lines = [book(1, 1000, 5)];
    assert_eq!(total(&wanted(&lines, AUSTRIA)).shipping, eur(390));
    let lines = [book(1, 1000, 6)];
    assert_eq!(total(&wanted(&lines, AUSTRIA)).shipping, eur(590));
    let refused = Total::of(&wanted(&lines, Delivery::ShipTo("JP")), &rates());
    assert_eq!(refused, Err(NoTotal::TooHeavy));
}

#[test]
fn what_cannot_be_reckoned_is_refused() {
    assert_eq!(Total::of(&wanted(&[], AUSTRIA), &rates()), Err(NoTotal::Empty));
    let dollars = WantedLine { unit_price: Money::new(100, Currency::Usd), ..book(2, 0, 1) };
    let refused = |line: WantedLine| Total::of(&wanted(&[book(1, 100, 1), line], AUSTRIA), &rates());
    assert_eq!(refused(dollars), Err(NoTotal::MixedCurrencies));
    for line in [book(2, -1, 1), book(2, 100, -1), book(2, i64::MAX, 2), book(2, i64::MAX - 90, 1)] {
        assert_eq!(refused(line), Err(NoTotal::BeyondBounds), "{line:?}");
    }
}
