//! The services this one calls, with their answers as domain values. What a failed call means is up to the caller:
//! `Status` passes through.

mod catalog;
mod inventory;
mod known_channels;
mod payments;

use shopmesh_mesh::{ServiceName, client::MeshClient};
use shopmesh_proto::{
    catalog::v1::{channel_service_client::ChannelServiceClient, quote_service_client::QuoteServiceClient},
    inventory::v1::reservation_service_client::ReservationServiceClient,
    payments::v1::payment_flow_service_client::PaymentFlowServiceClient,
};
use tonic::{Status, body::Body};
use tonic_types::StatusExt;
use tower::{ServiceExt, util::BoxCloneSyncService};

use known_channels::KnownChannels;

/// A way to a service: the mesh, or a service in the same process.
type PeerChannel = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, Status>;

/// Clients of catalog, inventory and payments.
#[derive(Clone)]
pub struct Peers {
    quotes: QuoteServiceClient<PeerChannel>,
    channels: ChannelServiceClient<PeerChannel>,
    known_channels: KnownChannels,
    reservations: ReservationServiceClient<PeerChannel>,
    payments: PaymentFlowServiceClient<PeerChannel>,
}

impl Peers {
    /// Those across the mesh.
    pub fn over(mesh: &MeshClient) -> Self {
        let channel =
            |to| PeerChannel::new(mesh.channel(to).map_response(|response| response.map(Body::new)));
        Self::new(
            channel(ServiceName::Catalog),
            channel(ServiceName::Inventory),
            channel(ServiceName::Payments),
        )
    }

    fn new(catalog: PeerChannel, inventory: PeerChannel, payments: PeerChannel) -> Self {
        Self {
            quotes: QuoteServiceClient::new(catalog.clone()),
            channels: ChannelServiceClient::new(catalog),
            known_channels: KnownChannels::default(),
            reservations: ReservationServiceClient::new(inventory),
            payments: PaymentFlowServiceClient::new(payments),
        }
    }

    /// Those in the same process, behind their real routers and codecs.
    #[cfg(test)]
    pub fn local(routes: tonic::service::Routes) -> Self {
        let channel =
            PeerChannel::new(ServiceExt::<http::Request<Body>>::map_err(routes, |never| match never {}));
        Self::new(channel.clone(), channel.clone(), channel)
    }
}

/// The variants that a refusal names as short in stock.
pub fn short_variants(status: &Status) -> Vec<String> {
    let violations = status.get_details_precondition_failure().map(|details| details.violations);
    violations
        .unwrap_or_default()
        .into_iter()
        .map(|violation| violation.subject)
        .filter(|subject| subject.starts_with("variants/"))
        .collect()
}
