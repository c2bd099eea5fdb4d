//! What will be imported: categories, and products with title, price and stock.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use super::{
    report::Report,
    sales::{Sales, SalesBook, median},
    titles::{code, readable, shortened},
};
use crate::complete_journey::{Dirt, code_of};

/// A row of products.parquet.
#[derive(Clone, Debug, Default)]
pub struct ProductRow {
    pub product_id: Option<i64>,
    pub manufacturer_id: Option<i64>,
    pub department: Option<String>,
    pub brand: Option<String>,
    pub product_category: Option<String>,
    pub product_type: Option<String>,
    pub package_size: Option<String>,
}

/// A category by the codes from its root down; siblings of one code are one category.
pub type CategoryPath = Vec<String>;

/// A product to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub code: String,
    pub sku: String,
    pub title: String,
    pub description: String,
    pub brand: String,
    pub product_type: String,
    pub package_size: String,
    /// Number of the maker, whose name the source hides.
    pub maker: String,
    pub category: CategoryPath,
    pub price_cents: i64,
    /// Units at `locations/east`.
    pub east: i64,
    /// Units at `locations/west`.
    pub west: i64,
}

/// Everything to import.
#[derive(Debug, Default)]
pub struct Assortment {
    /// Title of each category, parents before children.
    pub categories: BTreeMap<CategoryPath, String>,
    pub items: Vec<Item>,
}

/// Where a product hangs, in readable words.
struct Shelf {
    department: String,
    category: Option<String>,
    product_type: Option<String>,
}

impl Shelf {
    fn of(row: &ProductRow) -> Self {
        let words = |text: &Option<String>| text.as_deref().map(readable);
        Self {
            department: words(&row.department).unwrap_or_else(|| "Unsorted".to_owned()),
            category: words(&row.product_category),
            product_type: words(&row.product_type),
        }
    }

    /// Code and title of each category from its root down.
    fn steps(&self) -> impl Iterator<Item = (String, &str)> {
        let titles = [Some(&self.department), self.category.as_ref(), self.product_type.as_ref()];
        titles.into_iter().flatten().filter_map(|title| Some((code(title)?, title.as_str())))
    }

    /// Department and category, without the type.
    fn family(&self) -> CategoryPath {
        self.steps().take(2).map(|(code, _)| code).collect()
    }
}

impl Assortment {
    /// Puts products and sales together. Only what `is_wanted` is in it; fallback prices come from all.
    pub fn new(
        rows: Vec<ProductRow>,
        mut sales: SalesBook,
        is_wanted: impl Fn(i64) -> bool,
        report: &mut Report,
    ) -> Self {
        let prices = Prices::of(&rows, &sales);
        let mut assortment = Self::default();
        for row in rows {
            report.products_read += 1;
            let Some(product_id) = row.product_id else {
                report.dirty(Dirt::ProductWithoutId);
                continue;
            };
            let sold = sales.remove(product_id);
            if is_wanted(product_id) {
                assortment.take(product_id, row, &sold, &prices, report);
            }
        }
        report.dirty_many(Dirt::UnknownProduct, sales.rest());
        assortment
    }

    fn take(&mut self, product_id: i64, row: ProductRow, sold: &Sales, prices: &Prices, report: &mut Report) {
        let shelf = Shelf::of(&row);
        if shelf.category.is_none() {
            report.dirty(Dirt::MissingCategory);
        }
        let price_cents = sold.median_cents().unwrap_or_else(|| {
            report.dirty(Dirt::NeverSold);
            prices.on(&shelf)
        });
        let mut path = Vec::new();
        for (code, title) in shelf.steps() {
            path.push(code);
            self.categories.entry(path.clone()).or_insert_with(|| shortened(title, 200));
        }
        let Shelf { department, category, product_type } = shelf;
        let kind = product_type.or(category.clone()).unwrap_or_else(|| department.clone());
        let brand = row.brand.as_deref().map(readable).unwrap_or_default();
        let maker = row.manufacturer_id.map(|maker| maker.to_string()).unwrap_or_default();
        let package_size = shortened(&row.package_size.unwrap_or_default(), 50);
        let made_by = format!("{brand} {maker}");
        let title = [kind.as_str(), made_by.trim(), package_size.as_str()];
        let title = title.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let below = category.map(|category| format!("{category}, ")).unwrap_or_default();
        // A third of what was sold in the year, rounded up: whatever sold once can be bought. East takes the odd unit.
        let stock = (sold.units + 2) / 3;
        self.items.push(Item {
            code: code_of(product_id),
            sku: format!("CJ-{product_id}"),
            title: shortened(&title, 200),
            description: format!("{kind}. From {below}{department}."),
            brand: shortened(&brand, 100),
            product_type: shortened(&kind, 100),
            package_size,
            maker,
            category: path,
            price_cents,
            east: stock - stock / 2,
            west: stock / 2,
        });
    }
}

/// Median prices to fall back on where a product was never sold cleanly.
struct Prices {
    by_family: HashMap<CategoryPath, i64>,
    by_department: HashMap<String, i64>,
    all: i64,
}

impl Prices {
    fn of(rows: &[ProductRow], sales: &SalesBook) -> Self {
        let mut by_family: HashMap<CategoryPath, Vec<i64>> = HashMap::new();
        let mut by_department: HashMap<String, Vec<i64>> = HashMap::new();
        let mut all = Vec::new();
        for row in rows {
            let Some(cents) = row.product_id.and_then(|product| sales.median_cents(product)) else {
                continue;
            };
            let shelf = Shelf::of(row);
            by_family.entry(shelf.family()).or_default().push(cents);
            by_department.entry(shelf.department).or_default().push(cents);
            all.push(cents);
        }
        Self {
            by_family: medians(by_family),
            by_department: medians(by_department),
            // Without a single sale there is nothing to learn a price from.
            all: median(&all).unwrap_or(100),
        }
    }

    /// The price of its category, or else of its department, or else of the shop.
    fn on(&self, shelf: &Shelf) -> i64 {
        let near = self.by_family.get(&shelf.family()).or_else(|| self.by_department.get(&shelf.department));
        near.copied().unwrap_or(self.all)
    }
}

fn medians<K: Eq + Hash>(prices: HashMap<K, Vec<i64>>) -> HashMap<K, i64> {
    prices.into_iter().filter_map(|(key, cents)| Some((key, median(&cents)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, department: &str, category: Option<&str>, kind: Option<&str>) -> ProductRow {
        ProductRow {
            product_id: Some(id),
            manufacturer_id: Some(69),
            department: Some(department.into()),
            brand: Some("Private".into()),
            product_category: category.map(str::to_owned),
            product_type: kind.map(str::to_owned),
            package_size: Some("22 LB".into()),
        }
    }

    fn book(lines: &[(i64, i64, f64)]) -> SalesBook {
        let mut book = SalesBook::default();
        for (product, quantity, value) in lines {
            book.take(Some(*product), Some(*quantity), Some(*value), &mut Report::default());
        }
        book
    }

    #[test]
    fn a_product_reads_well_and_hangs_in_the_tree() {
        let rows = vec![row(25671, "GROCERY", Some("FRZN ICE"), Some("ICE - CRUSHED/CUBED"))];
        let assortment = Assortment::new(rows, book(&[(25671, 4, 8.0)]), |_| true, &mut Report::default());
        let item = &assortment.items[0];
        assert_eq!(item.title, "Ice - Crushed/Cubed, Private 69, 22 LB");
        assert_eq!((item.code.as_str(), item.sku.as_str()), ("cj-25671", "CJ-25671"));
        assert_eq!(item.category, ["grocery", "frzn-ice", "ice-crushed-cubed"]);
        assert_eq!((item.price_cents, item.east, item.west), (200, 1, 1));
        let titles: Vec<_> = assortment.categories.values().map(String::as_str).collect();
        assert_eq!(titles, ["Grocery", "Frzn Ice", "Ice - Crushed/Cubed"]);
    }

    #[test]
    fn a_missing_price_is_that_of_the_neighbors() {
        let rows = vec![
            row(1, "GROCERY", Some("TEA"), Some("GREEN TEA")),
            row(2, "GROCERY", Some("TEA"), Some("BLACK TEA")),
            row(3, "GROCERY", Some("JAM"), None),
            row(4, "TOYS", None, None),
        ];
        let mut report = Report::default();
        let assortment = Assortment::new(rows, book(&[(1, 1, 3.0), (99, 1, 1.0)]), |_| true, &mut report);
        let prices: Vec<i64> = assortment.items.iter().map(|item| item.price_cents).collect();
        assert_eq!(prices, [300, 300, 300, 300]);
        assert_eq!(assortment.items[3].category, ["toys"]);
        assert_eq!(report.count(Dirt::NeverSold), 3);
        assert_eq!(report.count(Dirt::UnknownProduct), 1);
        assert_eq!(report.count(Dirt::MissingCategory), 1);
    }

    #[test]
    fn without_any_sale_prices_are_still_not_zero() {
        let rows = vec![row(1, "TOYS", None, None)];
        let assortment = Assortment::new(rows, SalesBook::default(), |_| true, &mut Report::default());
        assert!(assortment.items[0].price_cents > 0);
        assert_eq!((assortment.items[0].east, assortment.items[0].west), (0, 0));
    }
}
