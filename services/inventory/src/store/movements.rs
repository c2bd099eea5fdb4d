//! Rows of `movements`: only ever added.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Row, Tx, sql, sql_dynamic},
    error::Result,
    page::Rows,
};

use super::{ROWS_PER_STATEMENT, row_placeholders, unreadable};
use crate::domain::{
    ids::MovementId,
    movement::{Movement, Reason},
};

/// Adds movements.
pub async fn insert(tx: &mut Tx, movements: &[Movement]) -> Result<()> {
    for chunk in movements.chunks(ROWS_PER_STATEMENT) {
        let text = format!(
            "INSERT INTO movements (id, variant, location, delta, reason, reference, created) VALUES {}",
            row_placeholders(1, chunk.len(), 7)
        );
        let query = chunk.iter().fold(sql_dynamic(text), |query, movement| {
            query
                .bind(movement.id.as_str())
                .bind(&movement.variant)
                .bind(&movement.location)
                .bind(movement.delta)
                .bind(reason_code(movement.reason))
                .bind(&movement.reference)
                .bind(movement.created)
        });
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Movements of a variant, newest first, from before the id `before`.
pub async fn list(db: &Db, variant: &str, before: Option<&str>, size: usize) -> Result<Rows<Movement>> {
    // `~` sorts after every id.
    let rows = sql("SELECT * FROM movements WHERE variant = $1 AND id < $2 ORDER BY id DESC")
        .bind(variant)
        .bind(before.unwrap_or("~"))
        .page(db, size)
        .await?;
    rows.try_map(|row| read(&row))
}

fn read(row: &Row) -> Result<Movement> {
    Ok(Movement {
        id: MovementId::parse(&format!("{}/{}", MovementId::COLLECTION, row.text("id")?))?,
        variant: row.text("variant")?,
        location: row.text("location")?,
        delta: row.int("delta")?,
        reason: reason(row.int("reason")?)?,
        reference: row.text("reference")?,
        created: Timestamp(row.int("created")?),
    })
}

fn reason_code(reason: Reason) -> i64 {
    match reason {
        Reason::Received => 1,
        Reason::Counted => 2,
        Reason::Damaged => 3,
        Reason::Sold => 4,
        Reason::Returned => 5,
    }
}

fn reason(code: i64) -> Result<Reason> {
    Ok(match code {
        1 => Reason::Received,
        2 => Reason::Counted,
        3 => Reason::Damaged,
        4 => Reason::Sold,
        5 => Reason::Returned,
        other => return Err(unreadable("reason", other)),
    })
}
