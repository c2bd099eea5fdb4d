//! Rows of `locations`.

use shopmesh_kit::{
    db::{Executor, Tx, sql},
    error::{Error, Result},
};

/// A place that holds stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// `locations/...`.
    pub name: String,
    /// Shown name.
    pub title: String,
    /// Lower is taken from first.
    pub priority: i64,
}

/// The most locations a shop can have.
const MAX: i64 = 1000;

/// All locations, by priority.
pub async fn list(on: impl Executor) -> Result<Vec<Location>> {
    let rows = sql("SELECT id, title, priority FROM locations ORDER BY priority, id").all(on).await?;
    rows.iter()
        .map(|row| {
            Ok(Location { name: row.text("id")?, title: row.text("title")?, priority: row.int("priority")? })
        })
        .collect()
}

/// Whether a location exists.
pub async fn exists(tx: &mut Tx, name: &str) -> Result<bool> {
    Ok(sql("SELECT id FROM locations WHERE id = $1").bind(name).optional(tx).await?.is_some())
}

/// Adds a location. The same one again changes nothing; another with its name is ALREADY_EXISTS.
pub async fn create(tx: &mut Tx, location: &Location) -> Result<()> {
    let known = list(&mut *tx).await?;
    match known.iter().find(|known| known.name == location.name) {
        Some(known) if known == location => return Ok(()),
        Some(_) => return Err(Error::already_exists(&location.name, "is taken by another location")),
        None if i64::try_from(known.len()).is_ok_and(|count| count >= MAX) => {
            return Err(Error::precondition(
                "LIMIT",
                &location.name,
                format!("a shop has at most {MAX} locations"),
            ));
        }
        None => {}
    }
    sql("INSERT INTO locations (id, title, priority) VALUES ($1, $2, $3)")
        .bind(&location.name)
        .bind(&location.title)
        .bind(location.priority)
        .execute(tx)
        .await?;
    Ok(())
}
