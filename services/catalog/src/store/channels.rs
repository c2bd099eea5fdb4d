//! Rows of `channels`.

use shopmesh_kit::{
    db::{Executor, Row, Tx, sql},
    error::Result,
};

use super::document;
use crate::domain::channel::Channel;

/// The channel `name`, such as `channels/default`.
pub async fn find(on: impl Executor, name: &str) -> Result<Option<Channel>> {
    let row =
        sql("SELECT name, currency, profile FROM channels WHERE name = $1").bind(name).optional(on).await?;
    row.as_ref().map(read).transpose()
}

/// All of them, by name.
pub async fn list(on: impl Executor) -> Result<Vec<Channel>> {
    let rows = sql("SELECT name, currency, profile FROM channels ORDER BY name").all(on).await?;
    rows.iter().map(read).collect()
}

/// Adds one.
pub async fn insert(tx: &mut Tx, channel: &Channel) -> Result<()> {
    sql("INSERT INTO channels (name, currency, profile) VALUES ($1, $2, $3)")
        .bind(&channel.name)
        .bind(channel.currency.to_string())
        .bind(document::write_profile(&channel.profile)?)
        .execute(tx)
        .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Channel> {
    Ok(Channel {
        name: row.text("name")?,
        currency: row.currency("currency")?,
        profile: document::read_profile(&row.text("profile")?)?,
    })
}
