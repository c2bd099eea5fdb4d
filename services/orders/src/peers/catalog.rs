//! Quotes and channels of the catalog.

use std::sync::{Arc, PoisonError};

use shopmesh_kit::error::Result;
use shopmesh_proto::catalog::v1::{GetChannelRequest, QuoteVariantsRequest};
use tonic::Status;

use super::Peers;
use crate::{
    domain::{channel::Channel, line::Quotes},
    translate,
};

impl Peers {
    /// Prices `variants` in a channel, all in one call.
    pub async fn quote(&self, channel: &str, variants: Vec<String>) -> Result<Quotes, Status> {
        if variants.is_empty() {
            return Ok(Quotes::default());
        }
        let request = QuoteVariantsRequest { channel: channel.to_owned(), variants };
        let response = self.quotes.clone().quote_variants(request).await?.into_inner();
        Ok(translate::peers::quotes(response)?)
    }

    /// A channel; NOT_FOUND when the catalog has none of that name.
    pub async fn channel(&self, name: &str) -> Result<Arc<Channel>, Status> {
        let known = self.known_channels.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(channel) = known {
            return Ok(channel);
        }
        let request = GetChannelRequest { name: name.to_owned() };
        let answer = self.channels.clone().get_channel(request).await?.into_inner();
        let channel = Arc::new(translate::peers::channel(answer)?);
        let mut known = self.known_channels.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(name.to_owned(), channel.clone());
        Ok(channel)
    }
}
