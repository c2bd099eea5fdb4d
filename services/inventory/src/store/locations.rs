//! Rows of `locations`.

use shopmesh_kit::{
    db::{Executor, Row, Tx, sql},
    error::Result,
};

use crate::domain::location::Location;

/// All of them, by priority.
pub async fn list(on: impl Executor) -> Result<Vec<Location>> {
    let rows = sql("SELECT * FROM locations ORDER BY priority, name").all(on).await?;
    rows.iter().map(read).collect()
}

/// The location called `name`.
pub async fn get(on: impl Executor, name: &str) -> Result<Option<Location>> {
    let row = sql("SELECT * FROM locations WHERE name = $1").bind(name).optional(on).await?;
    row.as_ref().map(read).transpose()
}

/// How many there are.
pub async fn count(tx: &mut Tx) -> Result<i64> {
    Ok(sql("SELECT COUNT(*) AS locations FROM locations").one(tx).await?.int("locations")?)
}

/// Adds one.
pub async fn insert(tx: &mut Tx, location: &Location) -> Result<()> {
    sql("INSERT INTO locations (name, title, priority) VALUES ($1, $2, $3)")
        .bind(&location.name)
        .bind(&location.title)
        .bind(location.priority)
        .execute(tx)
        .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Location> {
    Ok(Location { name: row.text("name")?, title: row.text("title")?, priority: row.int("priority")? })
}
