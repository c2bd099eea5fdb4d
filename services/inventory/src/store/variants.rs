//! Rows of `variants`: the catalog's word on who sells what.

use std::collections::HashMap;

use shopmesh_kit::{
    db::{Executor, ROWS_PER_STATEMENT, Tx, row_placeholders, sql, sql_dynamic},
    error::Result,
};

/// The sellers of those of `variants` that the catalog has told of.
pub async fn sellers(on: impl Executor, variants: &[&str]) -> Result<HashMap<String, String>> {
    let query = sql("SELECT name, seller FROM variants WHERE ").in_list("name", variants.iter().copied());
    query.all(on).await?.iter().map(|row| Ok((row.text("name")?, row.text("seller")?))).collect()
}

/// Writes down that `seller` sells `variants`. Units that stood under another name become that seller's: returns how many
/// stock rows did.
pub async fn put(tx: &mut Tx, seller: &str, variants: &[&str]) -> Result<u64> {
    let mut moved = 0;
    for chunk in variants.chunks(ROWS_PER_STATEMENT) {
        let text = format!(
            "INSERT INTO variants (name, seller) VALUES {} \
             ON CONFLICT (name) DO UPDATE SET seller = excluded.seller WHERE variants.seller <> excluded.seller",
            row_placeholders(1, chunk.len(), 2)
        );
        let query = chunk.iter().fold(sql_dynamic(text), |query, variant| query.bind(*variant).bind(seller));
        if query.execute(&mut *tx).await? == 0 {
            continue;
        }
        let query = sql("UPDATE stock SET seller = $1, version = version + 1 WHERE seller <> $1 AND ")
            .bind(seller)
            .in_list("variant", chunk.iter().copied());
        moved += query.execute(&mut *tx).await?;
    }
    Ok(moved)
}
