//! GetOrder: the one RPC that opens the shipping address.

use shopmesh_kit::error::{ErrorKind, Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;

use super::authorized;
use crate::{app::App, domain::order::Placed, translate, usecases::secrets};

/// The order with its address; one whose owner's key was erased has none any more.
pub async fn answer(app: &App, call: &Call, request: pb::GetOrderRequest) -> Result<pb::Order> {
    let order = authorized::order(app, call, "name", &request.name).await?;
    let Placed { owner, checkout, sealed_address, .. } = &order.placed;
    let address = match secrets::open_address(&app.sealer, &app.db, owner, checkout, sealed_address).await {
        Ok(address) => Some(address),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    Ok(pb::Order { shipping_address: address, ..translate::rpc::order(&order)? })
}
