//! What an import read, left out and wrote.

use std::{
    io::{self, Write},
    time::Duration,
};

use crate::complete_journey::{Dirt, DirtCounts};

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
    dirt: DirtCounts,
}

impl Report {
    /// Counts one dirty row.
    pub fn dirty(&mut self, dirt: Dirt) {
        self.dirt.add(dirt);
    }

    /// Counts `rows` dirty rows.
    pub fn dirty_many(&mut self, dirt: Dirt, rows: usize) {
        self.dirt.add_many(dirt, rows);
    }

    /// Rows that are dirty in this way.
    #[cfg(test)]
    pub fn count(&self, dirt: Dirt) -> u64 {
        self.dirt.count(dirt)
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
        self.dirt.write(out)
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
