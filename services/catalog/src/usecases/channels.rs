//! Adds a channel, once.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
};

use crate::{
    domain::channel::{Channel, MAX_CHANNELS},
    store::channels,
};

/// Adds `channel`; the same one again is a repeat.
///
/// # Errors
/// ALREADY_EXISTS for another one of its name, FAILED_PRECONDITION when there are too many.
pub async fn create(tx: &mut Tx, channel: &Channel) -> Result<()> {
    match channels::find(&mut *tx, &channel.name).await? {
        Some(known) if known == *channel => return Ok(()),
        Some(known) => {
            return Err(Error::already_exists(&known.name, "is another channel; choose another name"));
        }
        None => {}
    }
    if channels::list(&mut *tx).await?.len() >= MAX_CHANNELS {
        let problem = format!("a shop has at most {MAX_CHANNELS} channels");
        return Err(Error::precondition("LIMIT", &channel.name, problem));
    }
    channels::insert(tx, channel).await
}
