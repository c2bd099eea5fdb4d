//! Rows of attribute definitions.

use shopmesh_kit::{
    db::{Executor, Row, Tx, sql},
    error::{Error, Result},
};

use super::unreadable;
use crate::domain::attribute::{AttributeDefinition, AttributeType, MAX_DEFINITIONS};

/// All definitions by key.
pub async fn list(on: impl Executor) -> Result<Vec<AttributeDefinition>> {
    let rows = sql("SELECT key, title, kind, unit FROM attribute_definitions ORDER BY key").all(on).await?;
    rows.iter().map(read).collect()
}

/// Adds `definition`. A key that is taken by the same definition is left alone.
pub async fn add(tx: &mut Tx, definition: &AttributeDefinition) -> Result<()> {
    let known = list(&mut *tx).await?;
    if let Some(taken) = known.iter().find(|taken| taken.key == definition.key) {
        return if taken == definition {
            Ok(())
        } else {
            Err(Error::already_exists(&definition.key, "is defined otherwise; choose another key"))
        };
    }
    if known.len() >= MAX_DEFINITIONS {
        let problem = format!("a shop has at most {MAX_DEFINITIONS} attribute definitions");
        return Err(Error::precondition("LIMIT", &definition.key, problem));
    }
    sql("INSERT INTO attribute_definitions (key, title, kind, unit) VALUES ($1, $2, $3, $4)")
        .bind(definition.key.as_str())
        .bind(definition.title.as_str())
        .bind(definition.kind.as_str())
        .bind(definition.unit.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

fn read(row: &Row) -> Result<AttributeDefinition> {
    let kind = row.text("kind")?;
    Ok(AttributeDefinition {
        key: row.text("key")?,
        title: row.text("title")?,
        kind: AttributeType::parse(&kind).ok_or_else(|| unreadable("attribute type", &kind))?,
        unit: row.text("unit")?,
    })
}
