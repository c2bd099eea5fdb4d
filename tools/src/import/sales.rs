//! What sold lines say of price and demand.

use std::collections::HashMap;

use super::report::Report;
use crate::complete_journey::{CleanLine, clean};

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
            Ok(CleanLine { product, units, unit_cents }) => {
                let sales = self.by_product.entry(product).or_default();
                sales.units += units;
                sales.unit_cents.push(unit_cents);
            }
            Err(dirt) => report.dirty(dirt),
        }
    }

    /// The median price of one unit of `product` in cents; `None` when it was never sold cleanly.
    pub fn median_cents(&self, product: i64) -> Option<i64> {
        self.by_product.get(&product)?.median_cents()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::complete_journey::Dirt;

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
