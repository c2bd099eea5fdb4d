//! Rows of `samples`.

use shopmesh_kit::{
    db::{Executor, Row, Tx, sql},
    error::Result,
};

use crate::domain::sample::{Color, Sample};

/// The swatch called `name`.
pub async fn get(on: impl Executor, name: &str) -> Result<Option<Sample>> {
    let row = sql("SELECT * FROM samples WHERE name = $1").bind(name).optional(on).await?;
    row.as_ref().map(read).transpose()
}

/// Adds one.
pub async fn insert(tx: &mut Tx, sample: &Sample) -> Result<()> {
    let insert = sql("INSERT INTO samples (name, color) VALUES ($1, $2)");
    insert.bind(&sample.name).bind(sample.color.0).execute(tx).await?;
    Ok(())
}

/// Gives one its color.
pub async fn recolor(tx: &mut Tx, sample: &Sample) -> Result<()> {
    let update = sql("UPDATE samples SET color = $2 WHERE name = $1");
    update.bind(&sample.name).bind(sample.color.0).execute(tx).await?;
    Ok(())
}

fn read(row: &Row) -> Result<Sample> {
    Ok(Sample { name: row.text("name")?, color: Color(row.int("color")?) })
}
