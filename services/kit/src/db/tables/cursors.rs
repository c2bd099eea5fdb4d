//! How far producers' logs were received.

use crate::db::{DbError, Executor, Tx, sql};

/// A place in a producer's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// 0 for nothing yet.
    pub(crate) position: i64,
    /// The event at that position; empty if not known.
    pub(crate) event_id: String,
}

pub(crate) async fn get(on: impl Executor, name: &str) -> Result<Option<Cursor>, DbError> {
    let row =
        sql("SELECT position, event_id FROM kit_cursors WHERE name = $1").bind(name).optional(on).await?;
    row.map(|row| Ok(Cursor { position: row.int("position")?, event_id: row.text("event_id")? })).transpose()
}

/// Moves the cursor `name` to `reached`, never back.
pub(crate) async fn advance(tx: &mut Tx, name: &str, reached: &Cursor) -> Result<(), DbError> {
    sql("INSERT INTO kit_cursors (name, position, event_id) VALUES ($1, $2, $3) ON CONFLICT (name) \
         DO UPDATE SET position = excluded.position, event_id = excluded.event_id \
         WHERE kit_cursors.position < excluded.position")
    .bind(name)
    .bind(reached.position)
    .bind(&reached.event_id)
    .execute(tx)
    .await
    .map(drop)
}
