//! Rows of `counted`: what a count has set already.

use std::collections::HashSet;

use shopmesh_kit::{
    db::{ROWS_PER_STATEMENT, Tx, row_placeholders, sql_dynamic},
    error::Result,
};

use crate::error::stock_changed;

/// A variant at a location.
pub type Place = (String, String);

/// Those of `places` that the count has set before.
pub async fn known(tx: &mut Tx, count_id: &str, places: &[Place]) -> Result<HashSet<Place>> {
    let mut known = HashSet::new();
    for chunk in places.chunks(ROWS_PER_STATEMENT) {
        let text = format!(
            "SELECT variant, location FROM counted WHERE count_id = $1 AND (variant, location) IN (VALUES {})",
            row_placeholders(2, chunk.len(), 2)
        );
        let query = chunk.iter().fold(sql_dynamic(text).bind(count_id), |query, (variant, location)| {
            query.bind(variant).bind(location)
        });
        for row in query.all(&mut *tx).await? {
            known.insert((row.text("variant")?, row.text("location")?));
        }
    }
    Ok(known)
}

/// Remembers what the count has set now.
pub async fn insert(tx: &mut Tx, count_id: &str, places: &[Place]) -> Result<()> {
    for chunk in places.chunks(ROWS_PER_STATEMENT) {
        let text = format!(
            "INSERT INTO counted (count_id, variant, location) VALUES {}",
            row_placeholders(1, chunk.len(), 3)
        );
        let query = chunk.iter().fold(sql_dynamic(text), |query, (variant, location)| {
            query.bind(count_id).bind(variant).bind(location)
        });
        match query.execute(&mut *tx).await {
            Err(error) if error.is_unique() => return Err(stock_changed(count_id)),
            outcome => outcome?,
        };
    }
    Ok(())
}
