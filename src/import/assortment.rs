//! What will be imported: categories, and products with title, price and stock.

use std::collections::{BTreeMap, HashMap};

use shopmesh_catalog::domain::slug::slug;

use super::{
    report::Report,
    sales::{Sales, SalesBook, median},
    titles::{readable, shortened},
};
use crate::complete_journey::Dirt;

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

/// A product before all prices are known.
struct Draft {
    item: Item,
    department: String,
    median_cents: Option<i64>,
}

impl Assortment {
    /// Puts products and sales together.
    pub fn new(rows: Vec<ProductRow>, mut sales: SalesBook, report: &mut Report) -> Self {
        let mut assortment = Self::default();
        let mut drafts = Vec::with_capacity(rows.len());
        for row in rows {
            report.products_read += 1;
            let Some(product_id) = row.product_id else {
                report.dirty(Dirt::ProductWithoutId);
                continue;
            };
            drafts.push(assortment.draft(product_id, row, sales.remove(product_id), report));
        }
        report.dirty_many(Dirt::UnknownProduct, sales.rest());
        let prices = Prices::of(&drafts);
        assortment.items = drafts.into_iter().map(|draft| prices.complete(draft, report)).collect();
        assortment
    }

    fn draft(&mut self, product_id: i64, row: ProductRow, sales: Sales, report: &mut Report) -> Draft {
        let median_cents = sales.median_cents();
        if row.product_category.is_none() {
            report.dirty(Dirt::MissingCategory);
        }
        let department = row.department.as_deref().map(readable).unwrap_or_else(|| "Unsorted".to_owned());
        let category = row.product_category.as_deref().map(readable);
        let product_type = row.product_type.as_deref().map(readable);
        let mut path = Vec::new();
        for title in [Some(&department), category.as_ref(), product_type.as_ref()].into_iter().flatten() {
            if let Some(code) = slug(title) {
                path.push(code);
                self.categories.entry(path.clone()).or_insert_with(|| shortened(title, 200));
            }
        }
        let kind = product_type.or(category.clone()).unwrap_or_else(|| department.clone());
        let brand = row.brand.as_deref().map(readable).unwrap_or_default();
        let maker = row.manufacturer_id.map(|maker| maker.to_string()).unwrap_or_default();
        let package_size = shortened(&row.package_size.unwrap_or_default(), 50);
        let made_by = format!("{brand} {maker}");
        let title = [kind.as_str(), made_by.trim(), package_size.as_str()];
        let title = title.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let below = category.map(|category| format!("{category}, ")).unwrap_or_default();
        // A third of what was sold in the year, rounded up: whatever sold once can be bought. East takes the odd unit.
        let stock = (sales.units + 2) / 3;
        let item = Item {
            code: format!("cj-{product_id}"),
            sku: format!("CJ-{product_id}"),
            title: shortened(&title, 200),
            description: format!("{kind}. From {below}{department}."),
            brand: shortened(&brand, 100),
            product_type: shortened(&kind, 100),
            package_size,
            maker,
            category: path,
            price_cents: 0,
            east: stock - stock / 2,
            west: stock / 2,
        };
        Draft { item, department, median_cents }
    }
}

/// Median prices to fall back on where a product was never sold cleanly.
struct Prices {
    by_category: HashMap<CategoryPath, i64>,
    by_department: HashMap<String, i64>,
    all: i64,
}

impl Prices {
    fn of(drafts: &[Draft]) -> Self {
        let mut by_category: HashMap<CategoryPath, Vec<i64>> = HashMap::new();
        let mut by_department: HashMap<String, Vec<i64>> = HashMap::new();
        let mut all = Vec::new();
        for draft in drafts {
            let Some(cents) = draft.median_cents else { continue };
            by_category.entry(category_of(&draft.item)).or_default().push(cents);
            by_department.entry(draft.department.clone()).or_default().push(cents);
            all.push(cents);
        }
        Self {
            by_category: by_category
                .into_iter()
                .filter_map(|(key, cents)| Some((key, median(&cents)?)))
                .collect(),
            by_department: by_department
                .into_iter()
                .filter_map(|(key, cents)| Some((key, median(&cents)?)))
                .collect(),
            // Without a single sale there is nothing to learn a price from.
            all: median(&all).unwrap_or(100),
        }
    }

    /// The product with its own price, or that of its category, of its department, of the shop.
    fn complete(&self, draft: Draft, report: &mut Report) -> Item {
        let Draft { mut item, department, median_cents } = draft;
        item.price_cents = match median_cents {
            Some(cents) => cents,
            None => {
                report.dirty(Dirt::NeverSold);
                let fallback =
                    self.by_category.get(&category_of(&item)).or_else(|| self.by_department.get(&department));
                fallback.copied().unwrap_or(self.all)
            }
        };
        item
    }
}

/// Department and category, without the type.
fn category_of(item: &Item) -> CategoryPath {
    item.category.iter().take(2).cloned().collect()
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
        let assortment = Assortment::new(rows, book(&[(25671, 4, 8.0)]), &mut Report::default());
        let item = &assortment.items[0];
        assert_eq!(item.title, "Ice - Crushed/Cubed, Private 69, 22 LB");
        assert_eq!((item.code.as_str(), item.sku.as_str()), ("cj-25671", "CJ-25671"));
        assert_eq!(item.category, ["grocery", "frzn-ice", "ice-crushed-cubed"]);
        assert_eq!((item.price_cents, item.east, item.west), (200, 1, 1));
        let titles: Vec<_> = assortment.categories.values().map(String::as_str).collect();
        assert_eq!(titles, ["Grocery", "Frzn Ice", "Ice - Crushed/Cubed"]);
    }

    #[test]
    fn a_missing_price_is_that_of_the_neighbours() {
        let rows = vec![
            row(1, "GROCERY", Some("TEA"), Some("GREEN TEA")),
            row(2, "GROCERY", Some("TEA"), Some("BLACK TEA")),
            row(3, "GROCERY", Some("JAM"), None),
            row(4, "TOYS", None, None),
        ];
        let mut report = Report::default();
        let assortment = Assortment::new(rows, book(&[(1, 1, 3.0), (99, 1, 1.0)]), &mut report);
        let prices: Vec<i64> = assortment.items.iter().map(|item| item.price_cents).collect();
        assert_eq!(prices, [300, 300, 300, 300]);
        assert_eq!(assortment.items[3].category, ["toys"]);
        assert_eq!(report.count(Dirt::NeverSold), 3);
        assert_eq!(report.count(Dirt::UnknownProduct), 1);
        assert_eq!(report.count(Dirt::MissingCategory), 1);
    }

    #[test]
    fn without_any_sale_prices_are_still_not_zero() {
        let assortment =
            Assortment::new(vec![row(1, "TOYS", None, None)], SalesBook::default(), &mut Report::default());
        assert!(assortment.items[0].price_cents > 0);
        assert_eq!((assortment.items[0].east, assortment.items[0].west), (0, 0));
    }
}
