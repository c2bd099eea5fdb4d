//! Dirty rows and how many there are of each kind.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Why a row is dirty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dirt {
    ProductWithoutId,
    MissingCategory,
    NeverSold,
    LineAstray,
    LineWithoutProduct,
    QuantityNotPositive,
    NoSalesValue,
    AbsurdQuantity,
    UnknownProduct,
    NotForSale,
}

impl Dirt {
    /// The reason, and what was done about it.
    fn explained(self) -> &'static str {
        match self {
            Self::ProductWithoutId => "products without an id: left out",
            Self::MissingCategory => "products without a category: taken, hung below their department",
            Self::NeverSold => "products never sold cleanly: taken, priced like their category",
            Self::LineAstray => {
                "lines without a basket or a household, or of another household than their basket: left out"
            }
            Self::LineWithoutProduct => "lines without a product: left out",
            Self::QuantityNotPositive => "lines with a quantity of 0 or less: left out",
            Self::NoSalesValue => "lines without a sales value: left out",
            Self::AbsurdQuantity => {
                "lines of more than 100 units, or of units below half a cent (fuel, coupons): left out"
            }
            Self::UnknownProduct => "lines of products that are not listed: left out",
            Self::NotForSale => "lines of products that the shop does not have for sale: left out",
        }
    }
}

/// Counts of dirty rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirtCounts(BTreeMap<Dirt, u64>);

impl DirtCounts {
    /// Counts one row.
    pub fn add(&mut self, dirt: Dirt) {
        *self.0.entry(dirt).or_default() += 1;
    }

    /// Counts `rows` rows.
    pub fn add_many(&mut self, dirt: Dirt, rows: usize) {
        if let Ok(rows @ 1..) = u64::try_from(rows) {
            *self.0.entry(dirt).or_default() += rows;
        }
    }

    /// Rows that are dirty in this way.
    #[cfg(test)]
    pub fn count(&self, dirt: Dirt) -> u64 {
        self.0.get(&dirt).copied().unwrap_or(0)
    }

    /// Writes a table, or nothing when everything was clean.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        if !self.0.is_empty() {
            writeln!(out, "\ndirty rows")?;
        }
        for (dirt, count) in &self.0 {
            writeln!(out, "{count:>12}  {}", dirt.explained())?;
        }
        Ok(())
    }
}
