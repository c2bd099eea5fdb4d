//! Rows of channels.

use shopmesh_kit::{
    db::{Executor, Row, Tx, sql},
    error::{Error, Result},
    money::Currency,
};

use super::document;
use crate::domain::channel::{Channel, MAX_CHANNELS};

/// The channel `name`, such as `channels/default`.
pub async fn find(on: impl Executor, name: &str) -> Result<Option<Channel>> {
    let row =
        sql("SELECT name, currency, profile FROM channels WHERE name = $1").bind(name).optional(on).await?;
    row.map(|row| read(&row)).transpose()
}

/// All channels by name.
pub async fn list(on: impl Executor) -> Result<Vec<Channel>> {
    let rows = sql("SELECT name, currency, profile FROM channels ORDER BY name").all(on).await?;
    rows.iter().map(read).collect()
}

/// Adds `channel`. A name that is taken by the same channel is left alone.
pub async fn add(tx: &mut Tx, channel: &Channel) -> Result<()> {
    if let Some(known) = find(&mut *tx, &channel.name).await? {
        return if known == *channel {
            Ok(())
        } else {
            Err(Error::already_exists(&channel.name, "is another channel; choose another name"))
        };
    }
    if list(&mut *tx).await?.len() >= MAX_CHANNELS {
        return Err(Error::precondition(
            "LIMIT",
            &channel.name,
            format!("a shop has at most {MAX_CHANNELS} channels"),
        ));
    }
    sql("INSERT INTO channels (name, currency, profile) VALUES ($1, $2, $3)")
        .bind(channel.name.as_str())
        .bind(channel.currency.to_string())
        .bind(document::write_profile(&channel.profile)?)
        .execute(tx)
        .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Channel> {
    Ok(Channel {
        name: row.text("name")?,
        currency: Currency::parse(&row.text("currency")?)?,
        profile: document::read_profile(&row.text("profile")?)?,
    })
}
