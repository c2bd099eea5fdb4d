//! Many upserts by code: all are taken, or none.

use std::collections::{HashMap, HashSet};

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::Cause,
};

use super::{published, rules};
use crate::{
    domain::{
        import::{ImportRow, Outcome, check_skus},
        product::{Product, sku_key},
    },
    ids::CategoryId,
    store::{
        categories,
        products::{self, Changed},
        variants,
    },
};

/// What is to be imported.
pub struct Import {
    /// Each code and each SKU once.
    pub rows: Vec<ImportRow>,
    /// What it is done for.
    pub cause: Cause,
}

/// The product of each row, and what was done to it.
///
/// # Errors
/// INVALID_ARGUMENT names the row and field that breaks a rule, ALREADY_EXISTS those whose SKU is taken.
pub async fn import(tx: &mut Tx, import: &Import) -> Result<Vec<(Product, Outcome)>> {
    let Import { rows, cause } = import;
    check_rules(&mut *tx, rows).await?;
    let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let known = products::by_codes(&mut *tx, &codes).await?;
    let known: HashMap<&str, &Product> =
        known.iter().map(|product| (product.code.as_str(), product)).collect();
    let variants = rows.iter().flat_map(|row| &row.content.variants);
    let skus: Vec<String> = variants.map(|variant| sku_key(&variant.sku)).collect();
    check_skus(rows, &known, &variants::owners(&mut *tx, &skus).await?)?;
    let apply =
        |(index, row): (usize, &ImportRow)| row.apply(index, known.get(row.code.as_str()).copied(), cause.at);
    let done = rows.iter().enumerate().map(apply).collect::<Result<Vec<_>>>()?;
    let of = |wanted| done.iter().filter(move |(_, outcome)| *outcome == wanted).map(|(product, _)| product);
    let created: Vec<&Product> = of(Outcome::Created).collect();
    let changed = of(Outcome::Updated)
        .filter_map(|after| known.get(after.code.as_str()).map(|before| Changed { before, after }));
    products::write(&mut *tx, &created, &Vec::from_iter(changed)).await?;
    for (product, outcome) in &done {
        if *outcome != Outcome::Unchanged {
            published::product_changed(&mut *tx, cause, product).await?;
        }
    }
    Ok(done)
}

async fn check_rules(tx: &mut Tx, rows: &[ImportRow]) -> Result<()> {
    let rules = rules::load(&mut *tx).await?;
    for (index, row) in rows.iter().enumerate() {
        rules.check(&format!("products[{index}]"), &row.content)?;
        row.check_sellable(index)?;
    }
    let named: HashSet<&CategoryId> = rows.iter().filter_map(|row| row.content.category.as_ref()).collect();
    let existing = categories::existing(tx, &named).await?;
    for (index, row) in rows.iter().enumerate() {
        if let Some(category) = &row.content.category
            && !existing.contains(category)
        {
            let field = format!("products[{index}].category");
            return Err(Error::invalid(&field, format!("`{category}` does not exist")));
        }
    }
    Ok(())
}
