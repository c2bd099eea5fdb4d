//! BatchGetAvailability: what can be bought now of many variants, for a cart.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1 as pb;

use crate::{app::App, store::stock, translate};

/// In the order of the request; an unknown variant has none.
pub async fn answer(
    app: &App,
    _: &Call,
    request: pb::BatchGetAvailabilityRequest,
) -> Result<pb::BatchGetAvailabilityResponse> {
    let variants: Vec<&str> = request.variants.iter().map(String::as_str).collect();
    let found = stock::availability(&app.db, &variants).await?;
    let availabilities = found.into_iter().map(translate::rpc::availability).collect();
    Ok(pb::BatchGetAvailabilityResponse { availabilities })
}
