//! GetChannel, ListChannels and CreateChannel.

use shopmesh_kit::error::{Error, Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1 as pb;

use crate::{app::App, store, translate, usecases::channels};

/// A channel.
pub async fn get(app: &App, _: &Call, request: pb::GetChannelRequest) -> Result<pb::Channel> {
    let channel = store::channels::find(&app.db, &request.name).await?;
    Ok(translate::rpc::channel(&channel.ok_or_else(|| Error::not_found(&request.name))?))
}

/// All channels, by name.
pub async fn list(app: &App, _: &Call, _: pb::ListChannelsRequest) -> Result<pb::ListChannelsResponse> {
    let all = store::channels::list(&app.db).await?;
    Ok(pb::ListChannelsResponse { channels: all.iter().map(translate::rpc::channel).collect() })
}

/// Adds a channel.
pub async fn create(app: &App, _: &Call, request: pb::CreateChannelRequest) -> Result<pb::Channel> {
    let given = request.channel.unwrap_or_default();
    let channel = translate::rpc::new_channel(&given)?;
    app.db.write(channel, |tx, channel| Box::pin(channels::create(tx, channel))).await?;
    Ok(given)
}

/// Checks that the channel `name` exists.
///
/// # Errors
/// INVALID_ARGUMENT.
pub async fn check_exists(app: &App, name: &str) -> Result<()> {
    match store::channels::find(&app.db, name).await? {
        Some(_) => Ok(()),
        None => Err(Error::invalid("channel", format!("`{name}` does not exist"))),
    }
}
