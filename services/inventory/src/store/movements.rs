//! Rows of `movements`: only ever added.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, ROWS_PER_STATEMENT, Row, Tx, row_placeholders, sql, sql_dynamic},
    error::Result,
    page::Rows,
};

use crate::{domain::movement::Movement, ids::MovementId};

/// Adds movements.
pub async fn insert(tx: &mut Tx, movements: &[Movement]) -> Result<()> {
    for chunk in movements.chunks(ROWS_PER_STATEMENT) {
        let text = format!(
            "INSERT INTO movements (id, variant, location, delta, reason, reference, created) VALUES {}",
            row_placeholders(1, chunk.len(), 7)
        );
        let query = chunk.iter().fold(sql_dynamic(text), |query, movement| {
            query
                .bind(&movement.id)
                .bind(&movement.variant)
                .bind(&movement.location)
                .bind(movement.delta)
                .bind(&movement.reason)
                .bind(&movement.reference)
                .bind(movement.created)
        });
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Movements of a variant, newest first, from before the id `before`.
pub async fn list(db: &Db, variant: &str, before: Option<&str>, size: usize) -> Result<Rows<Movement>> {
    let query = sql("SELECT * FROM movements WHERE variant = $1").bind(variant).and("id <", before);
    let rows = query.then(" ORDER BY id DESC").page(db, size).await?;
    rows.try_map(|row| read(&row))
}

fn read(row: &Row) -> Result<Movement> {
    Ok(Movement {
        id: MovementId::stored(&row.text("id")?)?,
        variant: row.text("variant")?,
        location: row.text("location")?,
        delta: row.int("delta")?,
        reason: row.coded("reason")?,
        reference: row.text("reference")?,
        created: Timestamp(row.int("created")?),
    })
}
