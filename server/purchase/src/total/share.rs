//! Dividing whole minor units: half up, and into parts that add up.

/// `amount × part / whole`, half up; `None` beyond the bounds, for a negative figure or a whole of nothing.
pub(super) fn half_up(amount: i64, part: i64, whole: i64) -> Option<i64> {
    if amount < 0 || part < 0 || whole <= 0 {
        return None;
    }
    let (amount, part, whole) = (i128::from(amount), i128::from(part), i128::from(whole));
    let doubled = amount.checked_mul(part)?.checked_mul(2)?.checked_add(whole)?;
    i64::try_from(doubled / (2 * whole)).ok()
}

/// Spreads an amount in proportion to the weights, so that the parts add up to it exactly: each gets the whole units of
/// its share, and those with the largest remainders one more; of equal remainders the earlier. Without any weight all
/// goes to the last. `None` for a negative figure or no weights.
pub(super) fn spread(amount: i64, weights: &[i64]) -> Option<Vec<i64>> {
    if amount < 0 || weights.iter().any(|weight| *weight < 0) {
        return None;
    }
    let whole: i128 = weights.iter().copied().map(i128::from).sum();
    if whole == 0 {
        let mut parts = vec![0; weights.len()];
        *parts.last_mut()? = amount;
        return Some(parts);
    }
    let shares = weights.iter().map(|weight| i128::from(amount).checked_mul(i128::from(*weight)));
    let shares = shares.collect::<Option<Vec<i128>>>()?;
    let mut parts = shares.iter().map(|share| i64::try_from(share / whole).ok()).collect::<Option<Vec<i64>>>()?;
    // Fewer units are left than there are parts, for each part has lost less than one.
    let left = amount.checked_sub(parts.iter().sum())?;
    let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
    by_remainder.sort_by_key(|index| std::cmp::Reverse(shares[*index] % whole));
    for index in by_remainder.into_iter().take(usize::try_from(left).ok()?) {
        parts[index] += 1;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_half_is_rounded_up() {
        assert_eq!(half_up(5, 1, 10), Some(1));
        assert_eq!(half_up(149, 1, 100), Some(1));
        assert_eq!(half_up(1000, 1000, 11000), Some(91));
        assert_eq!(half_up(i64::MAX, i64::MAX, 1), None);
    }

    #[test]
    fn the_largest_remainders_get_what_is_left() {
        // Shares of 3.33 each, then 1.43, 2.86 and 5.71.
        assert_eq!(spread(10, &[1, 1, 1]), Some(vec![4, 3, 3]));
        assert_eq!(spread(10, &[1, 2, 4]), Some(vec![1, 3, 6]));
        assert_eq!(spread(7, &[0, 0]), Some(vec![0, 7]));
        assert_eq!(spread(7, &[]), None);
    }

    proptest! {
        #[test]
        fn parts_add_up_and_none_is_off_by_a_whole_unit(
            amount in 0..=i64::MAX, weights in prop::collection::vec(0..=i64::MAX, 1..50)
        ) {
            let parts = spread(amount, &weights).unwrap();
            prop_assert_eq!(parts.iter().copied().map(i128::from).sum::<i128>(), i128::from(amount));
            let whole: i128 = weights.iter().copied().map(i128::from).sum();
            for (part, weight) in parts.iter().zip(&weights).filter(|_| whole > 0) {
                let share = i128::from(amount) * i128::from(*weight);
                prop_assert!((share / whole..=share / whole + 1).contains(&i128::from(*part)));
            }
        }
    }
}
