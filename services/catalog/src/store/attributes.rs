//! Rows of `attribute_definitions`.

use shopmesh_kit::{
    db::{Executor, Row, Tx, sql},
    error::Result,
};

use crate::domain::attribute::AttributeDefinition;

/// All of them, by key.
pub async fn list(on: impl Executor) -> Result<Vec<AttributeDefinition>> {
    let rows = sql("SELECT key, title, kind, unit FROM attribute_definitions ORDER BY key").all(on).await?;
    rows.iter().map(read).collect()
}

/// Adds one.
pub async fn insert(tx: &mut Tx, definition: &AttributeDefinition) -> Result<()> {
    sql("INSERT INTO attribute_definitions (key, title, kind, unit) VALUES ($1, $2, $3, $4)")
        .bind(&definition.key)
        .bind(&definition.title)
        .bind(&definition.kind)
        .bind(&definition.unit)
        .execute(tx)
        .await?;
    Ok(())
}

fn read(row: &Row) -> Result<AttributeDefinition> {
    Ok(AttributeDefinition {
        key: row.text("key")?,
        title: row.text("title")?,
        kind: row.coded("kind")?,
        unit: row.text("unit")?,
    })
}
