//! Sold lines: which of them can be believed.

use super::Dirt;

/// More units than this on one line were not carried to a till: the largest are fuel, sold by volume, and counters of
/// coupons. Fewer that cost less than half a cent each were not either.
const MOST_UNITS: i64 = 100;

/// A line that was really sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanLine {
    /// Id of the product.
    pub product: i64,
    /// Units, at least 1.
    pub units: i64,
    /// Price of one unit in cents, at least 1.
    pub unit_cents: i64,
}

/// The line as it was sold, or what is wrong with it.
pub fn clean(product: Option<i64>, quantity: Option<i64>, value: Option<f64>) -> Result<CleanLine, Dirt> {
    let product = product.ok_or(Dirt::LineWithoutProduct)?;
    let units = quantity.filter(|quantity| *quantity > 0).ok_or(Dirt::QuantityNotPositive)?;
    let value = value.filter(|value| value.is_finite() && *value > 0.0).ok_or(Dirt::NoSalesValue)?;
    if units > MOST_UNITS {
        return Err(Dirt::AbsurdQuantity);
    }
    let divisor = i32::try_from(units).map_err(|_| Dirt::AbsurdQuantity)?;
    match cents(value / f64::from(divisor)).ok_or(Dirt::NoSalesValue)? {
        0 => Err(Dirt::AbsurdQuantity),
        unit_cents => Ok(CleanLine { product, units, unit_cents }),
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

    fn line(product: i64, units: i64, unit_cents: i64) -> Result<CleanLine, Dirt> {
        Ok(CleanLine { product, units, unit_cents })
    }

    #[test]
    fn clean_lines_are_taken() {
        assert_eq!(clean(Some(7), Some(2), Some(2.78)), line(7, 2, 139));
        assert_eq!(clean(Some(7), Some(3), Some(1.0)), line(7, 3, 33));
        assert_eq!(clean(Some(7), Some(100), Some(1.0)), line(7, 100, 1));
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
}
