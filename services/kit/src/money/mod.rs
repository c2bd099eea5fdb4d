//! Money as integer minor units of one currency; checked arithmetic, no floats.

mod currency;
mod rows;

pub use currency::Currency;

use std::fmt;

use shopmesh_proto::google;

use crate::error::Error;

const NANOS_PER_UNIT: i64 = 1_000_000_000;

/// An amount: `minor` units of `currency`, for example cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units (cents for USD); negative amounts are allowed.
    pub minor: i64,
    /// Currency.
    pub currency: Currency,
}

impl Money {
    /// Most minor units that a price, an order or a payment may have: far above any purchase, and so far below what fits
    /// that the books of any number of orders add up.
    pub const LARGEST_CHARGE: i64 = 1_000_000_000_000;

    /// `minor` units of `currency`.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing of `currency`.
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Whether the amount is zero.
    pub fn is_zero(&self) -> bool {
        self.minor == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// INVALID_ARGUMENT when the currencies differ or the sum is too large.
    pub fn checked_add(self, other: Money) -> Result<Money, Error> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// INVALID_ARGUMENT when the currencies differ or the difference is too large.
    pub fn checked_sub(self, other: Money) -> Result<Money, Error> {
        self.combine(other, i64::checked_sub)
    }

    /// `self` taken `times`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT when the product is too large.
    pub fn checked_mul(self, times: i64) -> Result<Money, Error> {
        let minor = self.minor.checked_mul(times).ok_or_else(too_large)?;
        Ok(Money { minor, ..self })
    }

    /// The sum of `amounts`; zero of `currency` when there are none.
    ///
    /// # Errors
    /// INVALID_ARGUMENT when a currency differs or the sum is too large.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Money>) -> Result<Money, Error> {
        amounts.into_iter().try_fold(Money::zero(currency), Money::checked_add)
    }

    /// Splits the amount in proportion to `weights` without losing a minor unit (largest remainder; of equal
    /// remainders the earlier weight wins).
    ///
    /// # Errors
    /// INVALID_ARGUMENT when all weights are zero.
    pub fn allocate(self, weights: &[u64]) -> Result<Vec<Money>, Error> {
        let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        if total == 0 {
            return Err(Error::invalid("weights", "at least one weight must be greater than zero"));
        }
        let amount = u128::from(self.minor.unsigned_abs());
        let mut shares: Vec<u128> = Vec::with_capacity(weights.len());
        let mut remainders: Vec<(u128, usize)> = Vec::with_capacity(weights.len());
        for (index, weight) in weights.iter().enumerate() {
            // Below 2^64 * 2^64: cannot overflow.
            let product = amount * u128::from(*weight);
            shares.push(product / total);
            remainders.push((product % total, index));
        }
        let mut left = amount - shares.iter().sum::<u128>();
        remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, index) in remainders {
            if left == 0 {
                break;
            }
            shares[index] += 1;
            left -= 1;
        }
        let sign = if self.minor < 0 { -1 } else { 1 };
        let minor = |share| i128::try_from(share).ok().and_then(|share| i64::try_from(share * sign).ok());
        let minor = |share| minor(share).expect("a share is no larger than the amount it is a part of");
        Ok(shares.into_iter().map(|share| Money { minor: minor(share), ..self }).collect())
    }

    /// From `google.type.Money`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming the part of `field`: an unknown currency, units and nanos of different sign, nanos
    /// outside one unit or finer than the currency's minor unit, an amount that does not fit.
    pub fn from_proto(field: &str, value: &google::r#type::Money) -> Result<Money, Error> {
        let currency = Currency::parse_field(&format!("{field}.currency_code"), &value.currency_code)?;
        let nanos = i64::from(value.nanos);
        let nanos_field = || format!("{field}.nanos");
        if nanos.abs() >= NANOS_PER_UNIT {
            return Err(Error::invalid(&nanos_field(), "must be between -999999999 and 999999999"));
        }
        if value.units.signum() * nanos.signum() < 0 {
            return Err(Error::invalid(&nanos_field(), "must have the same sign as units"));
        }
        let minor_per_unit = currency.minor_per_unit();
        let nanos_per_minor = NANOS_PER_UNIT / minor_per_unit;
        if nanos % nanos_per_minor != 0 {
            let problem = format!("{currency} has {} decimals; round to a minor unit", currency.exponent());
            return Err(Error::invalid(&nanos_field(), problem));
        }
        let minor = value.units.checked_mul(minor_per_unit);
        let minor = minor.and_then(|whole| whole.checked_add(nanos / nanos_per_minor));
        let minor = minor.ok_or_else(|| Error::invalid(&format!("{field}.units"), "is too large"))?;
        Ok(Money { minor, currency })
    }

    /// As `google.type.Money`.
    pub fn to_proto(self) -> google::r#type::Money {
        Self::sum_to_proto(i128::from(self.minor), self.currency).expect("units are no more than minor units")
    }

    /// A sum of many amounts as `google.type.Money`, whose whole units hold more than an amount's minor units; `None` when
    /// even they do not.
    pub fn sum_to_proto(minor: i128, currency: Currency) -> Option<google::r#type::Money> {
        let minor_per_unit = i128::from(currency.minor_per_unit());
        let nanos = minor % minor_per_unit * (i128::from(NANOS_PER_UNIT) / minor_per_unit);
        Some(google::r#type::Money {
            currency_code: currency.code().to_owned(),
            units: i64::try_from(minor / minor_per_unit).ok()?,
            nanos: i32::try_from(nanos).expect("less than a unit of nanos fits i32"),
        })
    }

    fn combine(self, other: Money, operation: fn(i64, i64) -> Option<i64>) -> Result<Money, Error> {
        if self.currency != other.currency {
            let problem = format!("{} and {} cannot be combined", self.currency, other.currency);
            return Err(Error::invalid("currency_code", problem));
        }
        Ok(Money { minor: operation(self.minor, other.minor).ok_or_else(too_large)?, ..self })
    }
}

fn too_large() -> Error {
    Error::invalid("amount", "is too large")
}

impl fmt::Display for Money {
    /// For example `-12.05 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_unit = self.currency.minor_per_unit().unsigned_abs();
        let (units, rest) = (self.minor.unsigned_abs() / per_unit, self.minor.unsigned_abs() % per_unit);
        let sign = if self.minor < 0 { "-" } else { "" };
        match self.currency.exponent() {
            0 => write!(f, "{sign}{units} {}", self.currency),
            digits => {
                write!(f, "{sign}{units}.{rest:0width$} {}", self.currency, width = usize::from(digits))
            }
        }
    }
}

#[cfg(test)]
mod tests;
