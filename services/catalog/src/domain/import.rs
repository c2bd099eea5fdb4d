//! Imports: many products by code, each of them new, changed, or as it was.

use std::collections::{HashMap, HashSet};

use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
};

use super::product::{Content, Product, sku_key};
use crate::ids::ProductId;

/// A product as an import gives it.
pub struct ImportRow {
    /// Which product.
    pub code: String,
    /// `sellers/...`.
    pub seller: String,
    /// What it shall be.
    pub content: Content,
}

/// What an import does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// New.
    Created,
    /// Known, changed.
    Updated,
    /// Known, the same.
    Unchanged,
}

/// Checks what rows are to one another.
///
/// # Errors
/// INVALID_ARGUMENT for a code or SKU that stands in two rows, which names both.
pub fn check_distinct(rows: &[ImportRow]) -> Result<()> {
    let (mut codes, mut skus) = (HashMap::new(), HashMap::new());
    for (index, row) in rows.iter().enumerate() {
        if let Some(first) = codes.insert(row.code.as_str(), index) {
            let problem = format!("`{}` is the code of products[{first}] too; keep one of them", row.code);
            return Err(Error::invalid(&format!("products[{index}].code"), problem));
        }
        for (number, variant) in row.content.variants.iter().enumerate() {
            // Twice in one product is refused by its own rules.
            if let Some(first) = skus.insert(sku_key(&variant.sku), index)
                && first != index
            {
                let problem = format!("`{}` is sold by products[{first}] too; keep one of them", variant.sku);
                return Err(Error::invalid(&format!("products[{index}].variants[{number}].sku"), problem));
            }
        }
    }
    Ok(())
}

/// Checks the SKUs of `rows` against those who have them: `known` are the products that the rows are about, by code, and
/// `owners` has the product of each SKU that is taken, by its key. One that a row takes away from its product may go to
/// another row.
///
/// # Errors
/// ALREADY_EXISTS for a SKU that stays with another product.
pub fn check_skus(
    rows: &[ImportRow],
    known: &HashMap<&str, &Product>,
    owners: &HashMap<String, ProductId>,
) -> Result<()> {
    let imported: HashSet<&ProductId> = known.values().map(|product| &product.id).collect();
    for (index, row) in rows.iter().enumerate() {
        for (number, variant) in row.content.variants.iter().enumerate() {
            // An owner among the imported does not keep it: no other row holds this SKU.
            if let Some(owner) = owners.get(&sku_key(&variant.sku))
                && !imported.contains(owner)
            {
                let at = format!("products[{index}].variants[{number}].sku");
                let sku = &variant.sku;
                let problem =
                    format!("{at}: `{sku}` belongs to it; choose another, or take it away there first");
                return Err(Error::already_exists(&owner.name(), problem));
            }
        }
    }
    Ok(())
}

impl ImportRow {
    /// Checks that the row, which stands at `index`, can be published.
    ///
    /// # Errors
    /// INVALID_ARGUMENT when it holds no price.
    pub fn check_sellable(&self, index: usize) -> Result<()> {
        if self.content.is_sellable() {
            return Ok(());
        }
        let problem = "hold no price, and what is imported is published; give one";
        Err(Error::invalid(&format!("products[{index}].variants"), problem))
    }

    /// The product that comes of the row, which stands at `index`, where `before` has its code.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for another seller than before.
    pub fn apply(
        &self,
        index: usize,
        before: Option<&Product>,
        now: Timestamp,
    ) -> Result<(Product, Outcome)> {
        let Some(before) = before else {
            let draft = Product::draft(self.code.clone(), self.seller.clone(), self.content.clone(), now);
            // Publishing is part of its first version.
            let mut product = Product { version: 0, ..draft };
            product.publish(now)?;
            return Ok((product, Outcome::Created));
        };
        if self.seller != before.seller {
            let problem = format!("is fixed to `{}` for the code `{}`", before.seller, before.code);
            return Err(Error::invalid(&format!("products[{index}].seller"), problem));
        }
        let mut after = before.clone();
        let changed = after.import(self.content.clone(), now)?;
        Ok((after, if changed { Outcome::Updated } else { Outcome::Unchanged }))
    }
}
