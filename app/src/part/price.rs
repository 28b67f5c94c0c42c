//! The words for prices, stock and years: decided here and nowhere else.

use leptos::prelude::*;

use crate::view::Availability;

/// Whether copies can be had, in words.
#[component]
pub fn Stock(
    /// Whether they can.
    availability: Availability,
) -> impl IntoView {
    let (class, words) = match availability {
        Availability::InStock => ("stock stock-good", "In stock".to_owned()),
        Availability::FewLeft { left: 1 } => ("stock stock-few", "Last copy".to_owned()),
        Availability::FewLeft { left } => ("stock stock-few", format!("Only {left} copies left")),
        Availability::SoldOut => ("stock stock-none", "Sold out".to_owned()),
        Availability::NotSold => ("stock stock-none", "Not for sale at the moment".to_owned()),
    };
    view! { <span class=class>{words}</span> }
}

/// A year as books print it; before our era without a minus.
#[must_use]
pub fn year(year: i16) -> String {
    if year < 0 { format!("{} BC", year.unsigned_abs()) } else { year.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_read_as_people_write_them() {
        assert_eq!(year(1813), "1813");
        assert_eq!(year(-375), "375 BC");
        assert_eq!(year(i16::MIN), "32768 BC");
    }
}
