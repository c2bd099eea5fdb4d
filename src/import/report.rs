//! What an import read, left out and wrote.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

/// Why a row is dirty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dirt {
    ProductWithoutId,
    MissingCategory,
    NeverSold,
    LineWithoutProduct,
    QuantityNotPositive,
    NoSalesValue,
    AbsurdQuantity,
    UnknownProduct,
}

impl Dirt {
    /// The reason, and what was done about it.
    fn explained(self) -> &'static str {
        match self {
            Self::ProductWithoutId => "products without an id: left out",
            Self::MissingCategory => "products without a category: taken, hung below their department",
            Self::NeverSold => "products never sold cleanly: taken, priced like their category",
            Self::LineWithoutProduct => "lines without a product: left out",
            Self::QuantityNotPositive => "lines with a quantity of 0 or less: left out",
            Self::NoSalesValue => "lines without a sales value: left out",
            Self::AbsurdQuantity => {
                "lines of more than 100 units, or of units below half a cent (fuel, coupons): left out"
            }
            Self::UnknownProduct => "lines of products that are not listed: left out",
        }
    }
}

/// Counts of one import.
#[derive(Debug, Default)]
pub struct Report {
    pub products_read: u64,
    pub lines_read: u64,
    pub categories_created: u64,
    pub categories_known: u64,
    pub products_created: u64,
    pub products_updated: u64,
    pub products_unchanged: u64,
    pub counts_applied: u64,
    pub counts_repeated: u64,
    pub products_took: Duration,
    pub took: Duration,
    dirt: BTreeMap<Dirt, u64>,
}

impl Report {
    /// Counts one dirty row.
    pub fn dirty(&mut self, dirt: Dirt) {
        *self.dirt.entry(dirt).or_default() += 1;
    }

    /// Counts `rows` dirty rows.
    pub fn dirty_many(&mut self, dirt: Dirt, rows: usize) {
        if let Ok(rows @ 1..) = u64::try_from(rows) {
            *self.dirt.entry(dirt).or_default() += rows;
        }
    }

    /// Rows that are dirty in this way.
    #[cfg(test)]
    pub fn count(&self, dirt: Dirt) -> u64 {
        self.dirt.get(&dirt).copied().unwrap_or(0)
    }

    /// Prints the summary.
    ///
    /// # Errors
    /// When the output is closed.
    pub fn print(&self) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        self.write(&mut out)?;
        Ok(())
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let products = self.products_created + self.products_updated + self.products_unchanged;
        let per_second = u128::from(products) * 1000 / self.products_took.as_millis().max(1);
        let table = [
            ("products read", self.products_read),
            ("lines read", self.lines_read),
            ("categories created", self.categories_created),
            ("categories known", self.categories_known),
            ("products created", self.products_created),
            ("products updated", self.products_updated),
            ("products unchanged", self.products_unchanged),
            ("stock counts set", self.counts_applied),
            ("stock counts repeated", self.counts_repeated),
        ];
        for (what, count) in table {
            writeln!(out, "{what:<24}{count:>12}")?;
        }
        writeln!(out, "{:<24}{per_second:>12}", "products per second")?;
        writeln!(out, "{:<24}{:>11.1}s", "time", self.took.as_secs_f64())?;
        if !self.dirt.is_empty() {
            writeln!(out, "\ndirty rows")?;
            for (dirt, count) in &self.dirt {
                writeln!(out, "{count:>12}  {}", dirt.explained())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_counts_and_dirt() {
        let mut report =
            Report { products_created: 500, products_took: Duration::from_millis(50), ..Report::default() };
        report.dirty(Dirt::NoSalesValue);
        report.dirty_many(Dirt::UnknownProduct, 0);
        let mut out = Vec::new();
        report.write(&mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("products per second            10000"), "{out}");
        assert!(out.contains("1  lines without a sales value"), "{out}");
        assert!(!out.contains("not listed"), "{out}");
    }
}
