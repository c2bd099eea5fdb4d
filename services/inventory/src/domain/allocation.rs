//! Which locations the units of a reservation come from.

use std::collections::BTreeMap;

/// Units that can be taken at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Available {
    /// `locations/...`.
    pub location: String,
    /// Units.
    pub units: i64,
}

/// Units taken at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// `variants/...`.
    pub variant: String,
    /// `locations/...`.
    pub location: String,
    /// Units.
    pub quantity: i64,
}

/// A variant of which there is not enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// `variants/...`.
    pub variant: String,
    /// Units asked for.
    pub wanted: i64,
    /// Units there are.
    pub available: i64,
}

/// Sums lines of the same variant, in the order of variants: two transactions then lock rows in the same order.
/// None if a sum is out of range.
pub fn summed(lines: impl IntoIterator<Item = (String, i64)>) -> Option<BTreeMap<String, i64>> {
    let mut sums = BTreeMap::new();
    for (variant, quantity) in lines {
        let sum = sums.entry(variant).or_insert(0_i64);
        *sum = sum.checked_add(quantity)?;
    }
    Some(sums)
}

/// Takes from each location in the given order until there is enough.
pub fn take(variant: &str, wanted: i64, stock: &[Available]) -> Result<Vec<Taken>, Shortage> {
    let mut left = wanted;
    let mut taken = Vec::new();
    for Available { location, units } in stock {
        let quantity = left.min(*units);
        if quantity > 0 {
            taken.push(Taken { variant: variant.to_owned(), location: location.clone(), quantity });
            left -= quantity;
        }
    }
    if left == 0 {
        return Ok(taken);
    }
    Err(Shortage { variant: variant.to_owned(), wanted, available: wanted - left })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exactly_what_is_wanted_or_nothing(wanted in 1_i64..50, units in proptest::collection::vec(0_i64..20, 0..5)) {
            let stock: Vec<_> = units.iter().enumerate().map(|(index, units)| Available { location: index.to_string(), units: *units }).collect();
            let total: i64 = units.iter().sum();
            match take("v", wanted, &stock) {
                Ok(taken) => {
                    prop_assert_eq!(taken.iter().map(|taken| taken.quantity).sum::<i64>(), wanted);
                    for one in &taken {
                        let there = stock.iter().find(|there| there.location == one.location).unwrap();
                        prop_assert!(one.quantity > 0 && one.quantity <= there.units);
                    }
                }
                Err(shortage) => prop_assert_eq!((shortage.available, total < wanted), (total, true)),
            }
        }
    }

    #[test]
    fn lines_of_one_variant_are_one() {
        let lines = [("b".to_owned(), 1), ("a".to_owned(), 2), ("b".to_owned(), 3)];
        let sums: Vec<_> = summed(lines).unwrap().into_iter().collect();
        assert_eq!(sums, [("a".to_owned(), 2), ("b".to_owned(), 4)]);
        assert_eq!(summed([("a".to_owned(), i64::MAX), ("a".to_owned(), 1)]), None);
    }
}
