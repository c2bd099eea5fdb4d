//! GetChannel, ListChannels, CreateChannel.

use shopmesh_kit::error::{Error, Result};
use shopmesh_proto::catalog::v1::{Channel, CreateChannelRequest, GetChannelRequest, ListChannelsResponse};
use tonic::Request;

use super::{Catalog, translate};
use crate::store::channels;

pub async fn get(catalog: &Catalog, request: Request<GetChannelRequest>) -> Result<Channel> {
    let name = &request.get_ref().name;
    let channel = channels::find(&catalog.db, name).await?.ok_or_else(|| Error::not_found(name))?;
    Ok(translate::channel(&channel))
}

pub async fn list(catalog: &Catalog) -> Result<ListChannelsResponse> {
    let channels = channels::list(&catalog.db).await?;
    Ok(ListChannelsResponse { channels: channels.iter().map(translate::channel).collect() })
}

pub async fn create(catalog: &Catalog, request: Request<CreateChannelRequest>) -> Result<Channel> {
    let given = request.into_inner().channel.unwrap_or_default();
    let channel = translate::new_channel(&given)?;
    catalog.db.write(channel, |tx, channel| Box::pin(channels::add(tx, channel))).await?;
    Ok(given)
}
