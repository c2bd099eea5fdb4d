//! Rows of `variants`: they keep SKUs unique, and find the product of a variant.

use std::collections::HashMap;

use shopmesh_kit::{
    db::{Executor, ROWS_PER_STATEMENT, Tx, row_placeholders, sql, sql_dynamic},
    error::{Error, Result},
};

use crate::{
    domain::product::{Variant, sku_key},
    ids::{ProductId, VariantId},
};

/// The product of each of `variants`, at most 500, that is known.
pub async fn products_of(on: impl Executor, variants: &[VariantId]) -> Result<HashMap<VariantId, ProductId>> {
    if variants.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sql("SELECT id, product FROM variants WHERE ").in_list("id", variants).all(on).await?;
    rows.iter()
        .map(|row| Ok((VariantId::stored(&row.text("id")?)?, ProductId::stored(&row.text("product")?)?)))
        .collect()
}

/// The product of each of `skus`, given by their keys, that is taken.
pub async fn owners(tx: &mut Tx, skus: &[String]) -> Result<HashMap<String, ProductId>> {
    let mut owners = HashMap::new();
    for chunk in skus.chunks(ROWS_PER_STATEMENT) {
        let query = sql("SELECT sku, product FROM variants WHERE ").in_list("sku", chunk);
        for row in query.all(&mut *tx).await? {
            owners.insert(row.text("sku")?, ProductId::stored(&row.text("product")?)?);
        }
    }
    Ok(owners)
}

/// Adds variants of products.
///
/// # Errors
/// ALREADY_EXISTS for a SKU that is taken; names the variant that has it.
pub async fn insert(tx: &mut Tx, variants: &[(&Variant, &ProductId)]) -> Result<()> {
    for chunk in variants.chunks(ROWS_PER_STATEMENT) {
        check_free(&mut *tx, chunk).await?;
        let text =
            format!("INSERT INTO variants (id, sku, product) VALUES {}", row_placeholders(1, chunk.len(), 3));
        let query = chunk.iter().fold(sql_dynamic(text), |query, (variant, product)| {
            query.bind(&variant.id).bind(sku_key(&variant.sku)).bind(*product)
        });
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

async fn check_free(tx: &mut Tx, variants: &[(&Variant, &ProductId)]) -> Result<()> {
    let skus = variants.iter().map(|(variant, _)| sku_key(&variant.sku));
    let query = sql("SELECT id, sku FROM variants WHERE ").in_list("sku", skus).then(" LIMIT 1");
    match query.optional(tx).await? {
        None => Ok(()),
        Some(row) => {
            let problem = format!("has the SKU `{}` already; choose another `sku`", row.text("sku")?);
            Err(Error::already_exists(&VariantId::stored(&row.text("id")?)?.name(), problem))
        }
    }
}

/// Deletes variants.
pub async fn delete(tx: &mut Tx, variants: &[&VariantId]) -> Result<()> {
    for chunk in variants.chunks(ROWS_PER_STATEMENT) {
        sql("DELETE FROM variants WHERE ").in_list("id", chunk.iter().copied()).execute(&mut *tx).await?;
    }
    Ok(())
}
