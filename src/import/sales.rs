//! Sold lines: which of them can be believed, and what they say of price and demand.

use std::collections::HashMap;

use super::report::{Dirt, Report};

/// More units than this on one line were not carried to a till: the largest are fuel, sold by volume, and counters of
/// coupons. Fewer that cost less than half a cent each were not either.
const MOST_UNITS: i64 = 100;

/// Sales of one product, from clean lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sales {
    /// Units sold.
    pub units: i64,
    /// Price of one unit on each line, in cents.
    unit_cents: Vec<i64>,
}

impl Sales {
    /// The median price of one unit in cents, the lower one of two; never zero.
    pub fn median_cents(&self) -> Option<i64> {
        median(&self.unit_cents)
    }
}

/// The lower median of `values`.
pub fn median(values: &[i64]) -> Option<i64> {
    let middle = values.len().checked_sub(1)? / 2;
    let mut values = values.to_vec();
    Some(*values.select_nth_unstable(middle).1)
}

/// Sales by product.
#[derive(Debug, Default)]
pub struct SalesBook {
    by_product: HashMap<i64, Sales>,
}

impl SalesBook {
    /// Takes one sold line, or counts in `report` why not.
    pub fn take(
        &mut self,
        product: Option<i64>,
        quantity: Option<i64>,
        value: Option<f64>,
        report: &mut Report,
    ) {
        report.lines_read += 1;
        match clean(product, quantity, value) {
            Ok((product, quantity, unit_cents)) => {
                let sales = self.by_product.entry(product).or_default();
                sales.units += quantity;
                sales.unit_cents.push(unit_cents);
            }
            Err(dirt) => report.dirty(dirt),
        }
    }

    /// Takes out the sales of `product`.
    pub fn remove(&mut self, product: i64) -> Sales {
        self.by_product.remove(&product).unwrap_or_default()
    }

    /// Products and lines that nobody took out.
    pub fn rest(&self) -> usize {
        self.by_product.values().map(|sales| sales.unit_cents.len()).sum()
    }
}

/// Product, units and cents of one unit; or what is wrong with the line.
fn clean(product: Option<i64>, quantity: Option<i64>, value: Option<f64>) -> Result<(i64, i64, i64), Dirt> {
    let product = product.ok_or(Dirt::LineWithoutProduct)?;
    let quantity = quantity.filter(|quantity| *quantity > 0).ok_or(Dirt::QuantityNotPositive)?;
    let value = value.filter(|value| value.is_finite() && *value > 0.0).ok_or(Dirt::NoSalesValue)?;
    if quantity > MOST_UNITS {
        return Err(Dirt::AbsurdQuantity);
    }
    let units = i32::try_from(quantity).map_err(|_| Dirt::AbsurdQuantity)?;
    match cents(value / f64::from(units)).ok_or(Dirt::NoSalesValue)? {
        0 => Err(Dirt::AbsurdQuantity),
        unit_cents => Ok((product, quantity, unit_cents)),
    }
}

/// `dollars` in whole cents; `None` when no shop ever asked that much.
fn cents(dollars: f64) -> Option<i64> {
    let cents = (dollars * 100.0).round();
    // Below 2^53 every whole number has an exact float, so that its text is exact too.
    (0.0..1e12).contains(&cents).then(|| format!("{cents:.0}").parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_lines_are_taken() {
        assert_eq!(clean(Some(7), Some(2), Some(2.78)), Ok((7, 2, 139)));
        assert_eq!(clean(Some(7), Some(3), Some(1.0)), Ok((7, 3, 33)));
        assert_eq!(clean(Some(7), Some(100), Some(1.0)), Ok((7, 100, 1)));
    }

    #[test]
    fn dirty_lines_are_refused_by_reason() {
        assert_eq!(clean(None, Some(1), Some(1.0)), Err(Dirt::LineWithoutProduct));
        for quantity in [None, Some(0), Some(-1)] {
            assert_eq!(clean(Some(7), quantity, Some(1.0)), Err(Dirt::QuantityNotPositive));
        }
        for value in [None, Some(0.0), Some(-1.0), Some(f64::NAN), Some(f64::INFINITY), Some(1e300)] {
            assert_eq!(clean(Some(7), Some(1), value), Err(Dirt::NoSalesValue));
        }
        assert_eq!(clean(Some(7), Some(100), Some(0.01)), Err(Dirt::AbsurdQuantity), "a price is never zero");
        for quantity in [101, 89_638, i64::MAX] {
            assert_eq!(clean(Some(7), Some(quantity), Some(1.0)), Err(Dirt::AbsurdQuantity));
        }
    }

    #[test]
    fn the_median_is_one_of_the_values() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[5]), Some(5));
        assert_eq!(median(&[9, 1]), Some(1));
        assert_eq!(median(&[9, 1, 5]), Some(5));
    }

    #[test]
    fn a_book_counts_units_and_dirt() {
        let (mut book, mut report) = (SalesBook::default(), Report::default());
        book.take(Some(1), Some(2), Some(4.0), &mut report);
        book.take(Some(1), Some(1), Some(3.0), &mut report);
        book.take(Some(1), Some(0), Some(3.0), &mut report);
        book.take(Some(2), Some(1), Some(3.0), &mut report);
        let sales = book.remove(1);
        assert_eq!((sales.units, sales.median_cents()), (3, Some(200)));
        assert_eq!(book.rest(), 1);
        assert_eq!((report.lines_read, report.count(Dirt::QuantityNotPositive)), (4, 1));
    }
}
