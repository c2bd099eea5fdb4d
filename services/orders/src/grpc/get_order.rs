//! GetOrder: the one RPC that opens the shipping address.

use shopmesh_kit::error::ErrorKind;
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::orders::v1 as pb;
use tonic::{Request, Response, Status};

use super::{found::found, translate};
use crate::{
    app::App,
    domain::order::{Order, Placed},
    ids::OrderId,
    secrets,
    store::orders,
};

/// Answers the order with its address; one whose owner's key was erased has none any more.
pub async fn get_order(
    app: &App,
    request: Request<pb::GetOrderRequest>,
) -> Result<Response<pb::Order>, Status> {
    let order = authorized(app, Call::of(&request)?, "name", &request.get_ref().name).await?;
    let Placed { owner, checkout, sealed_address, .. } = &order.placed;
    let address = match secrets::open_address(&app.sealer, &app.db, owner, checkout, sealed_address).await {
        Ok(address) => Some(address),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Response::new(pb::Order { shipping_address: address, ..translate::order(&order)? }))
}

/// The order a request names in `field`, if its caller may have it.
pub(super) async fn authorized(app: &App, call: &Call, field: &str, name: &str) -> Result<Order, Status> {
    let id = OrderId::parse_field(field, name)?;
    let order = found(call, orders::get(&app.db, &id).await)?;
    let placed = &order.placed;
    call.authorize(&Resource { owner: Some(&placed.owner), channel: Some(&placed.channel), seller: None })?;
    Ok(order)
}
