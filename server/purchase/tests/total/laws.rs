//! What holds for every total.

use proptest::prelude::*;
use purchase::money::{Currency, Money};
use purchase::total::{Delivery, Discount, ProductType, Total, Wanted, WantedLine};

use crate::reckoning::{eur, rates};

fn product() -> impl Strategy<Value = ProductType> {
    prop_oneof![Just(ProductType::Book), Just(ProductType::Other)]
}

/// What a basket can hold: an edition once.
fn lines() -> impl Strategy<Value = Vec<WantedLine>> {
    prop::collection::vec((0_i64..20_000, 1_i32..=99, 0_u32..300, product()), 1..12).prop_map(|lines| {
        let line = |(edition, (cents, quantity, weight_g, product))| WantedLine {
            edition,
            unit_price: eur(cents),
            quantity,
            weight_g,
            product,
        };
        (1..).zip(lines).map(line).collect()
    })
}

fn delivery() -> impl Strategy<Value = Delivery<'static>> {
    prop_oneof![Just(Delivery::ShipTo("AT")), Just(Delivery::ShipTo("DE")), Just(Delivery::Collect)]
}

fn discount() -> impl Strategy<Value = Option<Discount>> {
    prop_oneof![
        Just(None),
        (0_u32..=10_000).prop_map(|basis_points| Some(Discount::Percentage { basis_points })),
        (0_i64..100_000).prop_map(|cents| Some(Discount::Amount(eur(cents)))),
    ]
}

fn gift_card() -> impl Strategy<Value = Option<Money>> {
    prop::option::of((0_i64..500_000).prop_map(eur))
}

fn any_money() -> impl Strategy<Value = Money> {
    let edges = prop_oneof![any::<i64>(), Just(i64::MAX), Just(i64::MIN), 0_i64..1000];
    (edges, prop_oneof![9 => Just(Currency::Eur), 1 => Just(Currency::Gbp)])
        .prop_map(|(minor, currency)| Money::new(minor, currency))
}

fn any_line() -> impl Strategy<Value = WantedLine> {
    (any::<u64>(), any_money(), any::<i32>(), any::<u32>(), product()).prop_map(
        |(edition, unit_price, quantity, weight_g, product)| WantedLine {
            edition,
            unit_price,
            quantity,
            weight_g,
            product,
        },
    )
}

fn any_discount() -> impl Strategy<Value = Discount> {
    prop_oneof![
        any::<u32>().prop_map(|basis_points| Discount::Percentage { basis_points }),
        any_money().prop_map(Discount::Amount),
    ]
}

fn sum(amounts: impl Iterator<Item = Money>) -> i64 {
    amounts.map(Money::minor).sum()
}

proptest! {
    #[test]
    fn the_parts_add_up(
        lines in lines(), delivery in delivery(), discount in discount(), gift_card in gift_card()
    ) {
        let total = Total::of(&Wanted { lines: &lines, delivery, discount, gift_card }, &rates()).unwrap();
        prop_assert_eq!(sum(total.lines.iter().map(|line| line.goods)), total.goods.minor());
        prop_assert_eq!(sum(total.lines.iter().map(|line| line.discount)), total.discount.minor());
        for line in &total.lines {
            prop_assert!((0..=line.goods.minor()).contains(&line.discount.minor()));
        }
        prop_assert!((0..=total.goods.minor()).contains(&total.discount.minor()));
        prop_assert_eq!(
            total.goods.minor() - total.discount.minor() + total.shipping.minor(), total.total.minor()
        );
        prop_assert_eq!(sum(total.vat.iter().map(|part| part.gross)), total.total.minor());
        for part in &total.vat {
            // Half up: the VAT is off by half a cent at most, and what is without it yields it again.
            let (gross, rate) = (part.gross.minor(), i64::from(part.basis_points));
            let doubled = 2 * part.vat.minor() * (10_000 + rate) - 2 * gross * rate;
            prop_assert!(doubled > -(10_000 + rate) && doubled <= 10_000 + rate);
        }
        prop_assert_eq!(total.gift_card.minor() + total.to_pay.minor(), total.total.minor());
        prop_assert!(total.to_pay.minor() >= 0 && total.gift_card.minor() >= 0);
        prop_assert!(total.gift_card.minor() <= gift_card.map_or(0, Money::minor));
        if total.gift_card.minor() > 0 {
            prop_assert!(total.to_pay.minor() == 0 || total.to_pay.minor() >= 50);
        }
    }

    #[test]
    fn the_order_of_the_lines_makes_no_difference(
        (lines, shuffled) in lines().prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle())),
        delivery in delivery(), discount in discount(), gift_card in gift_card()
    ) {
        let of = |lines| Total::of(&Wanted { lines, delivery, discount, gift_card }, &rates());
        prop_assert_eq!(of(&lines), of(&shuffled));
    }

    #[test]
    fn a_gift_card_changes_only_who_pays(
        lines in lines(), delivery in delivery(), discount in discount(), balance in 0_i64..500_000
    ) {
        let of = |gift_card| Total::of(&Wanted { lines: &lines, delivery, discount, gift_card }, &rates()).unwrap();
        let (with, without) = (of(Some(eur(balance))), of(None));
        let same = Total { gift_card: without.gift_card, to_pay: without.to_pay, ..with };
        prop_assert_eq!(same, without);
    }

    #[test]
    fn no_figure_makes_it_panic(
        lines in prop::collection::vec(any_line(), 0..8), delivery in delivery(),
        discount in prop::option::of(any_discount()), gift_card in prop::option::of(any_money())
    ) {
        if let Ok(total) = Total::of(&Wanted { lines: &lines, delivery, discount, gift_card }, &rates()) {
            prop_assert!(total.to_pay.minor() >= 0);
        }
    }
}
